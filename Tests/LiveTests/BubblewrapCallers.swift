// Scripts that make programs of Debian's call bubblewrap; `$CALLERS` is where they lie, the bus is there already.

/// A bus that starts no services: nothing of the host's comes into the test, and nothing waits for what is not there.
let busConfiguration = """
  <!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
   "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
  <busconfig>
    <type>session</type>
    <listen>unix:path=/home/caller/run/bus</listen>
    <policy context="default">
      <allow send_destination="*" eavesdrop="true"/>
      <allow eavesdrop="true"/>
      <allow own="*"/>
    </policy>
  </busconfig>

  """

/// Starts a filtering proxy in a box as Flatpak does, and clients in boxes that see nothing but its socket.
let proxyCaller = #"""
  import os, subprocess, sys

  run = os.environ["XDG_RUNTIME_DIR"]
  bus = os.environ["DBUS_SESSION_BUS_ADDRESS"]
  secret = os.environ["HOME"] + "/secret"
  open(secret, "w").close()
  names = "org.snug.Allowed", "org.snug.Refused"
  owner = subprocess.Popen([sys.executable, "-c", """
  from gi.repository import Gio, GLib
  bus = Gio.bus_get_sync(Gio.BusType.SESSION)
  for name in "org.snug.Allowed", "org.snug.Refused":
    Gio.bus_own_name_on_connection(bus, name, Gio.BusNameOwnerFlags.NONE, None, None)
  bus.flush_sync()
  GLib.idle_add(lambda: print("ready", flush=True))
  GLib.MainLoop().run()
  """], stdout=subprocess.PIPE)
  owner.stdout.readline()

  def data(*words):
    number = os.memfd_create("words")
    os.write(number, "".join(word + "\0" for word in words).encode())
    os.lseek(number, 0, os.SEEK_SET)
    return number

  def box(command, *options, keep=(), **more):
    shown = ["--ro-bind", "/usr", "/usr", "--ro-bind", "/etc", "/etc", "--proc", "/proc", "--dev", "/dev",
             "--unshare-pid", "--die-with-parent"]
    for name in "bin", "lib", "lib64", "sbin":
      shown += ["--symlink", "usr/" + name, "/" + name]
    words = data(*shown, *options)
    return subprocess.Popen(["bwrap", "--args", str(words), "--", *command], pass_fds=[words, *keep], **more)

  def call(name, where):
    return ["dbus-send", "--bus=" + where, "--print-reply", "--dest=" + name, "/", "org.freedesktop.DBus.Peer.Ping"]

  def innermost(pid):
    children = open(f"/proc/{pid}/task/{pid}/children").read().split()
    return innermost(children[0]) if children else pid

  for name in names:
    print("outside", name, subprocess.run(call(name, bus), stdout=subprocess.DEVNULL).returncode)

  # The proxy writes a byte when it listens and ends when nobody can read from the pipe any more.
  reader, writer = os.pipe()
  held, holder = os.pipe()
  os.mkdir(run + "/proxy")
  info = os.memfd_create("info")
  os.write(info, b"[Application]\nname=org.snug.App\n")
  os.lseek(info, 0, os.SEEK_SET)
  words = data(f"--fd={writer}", bus, run + "/proxy/bus", "--filter", "--talk=org.snug.Allowed")
  proxy = box(["xdg-dbus-proxy", f"--args={words}"], "--bind", run, run, "--file", str(info), "/.flatpak-info",
              "--sync-fd", str(holder), keep=[words, info, writer, holder])
  os.close(writer)
  os.close(holder)
  os.read(reader, 1)
  inside = innermost(proxy.pid)
  print("the proxy is a", open(f"/proc/{inside}/comm").read().strip())
  print("the proxy has its own pids:", os.readlink(f"/proc/{inside}/ns/pid") != os.readlink("/proc/self/ns/pid"))
  print("the proxy sees the home:", os.path.exists(f"/proc/{inside}/root{secret}"))
  print("the proxy sees its own facts:", os.path.exists(f"/proc/{inside}/root/.flatpak-info"))
  for name in names:
    client = box(call(name, "unix:path=/run/bus"), "--ro-bind", run + "/proxy/bus", "/run/bus",
                 stdout=subprocess.DEVNULL)
    print("inside", name, client.wait())
  os.close(reader)
  print("proxy", proxy.wait())
  print("the held pipe ends with the box:", os.read(held, 1) == b"")
  """#

/// A page whose own script gives it its title: then the web process has run.
let webCaller = #"""
  import os, gi
  gi.require_version("Gtk", "3.0")
  gi.require_version("WebKit2", "4.1")
  from gi.repository import Gtk, WebKit2, GLib

  secret = os.environ["HOME"] + "/secret"

  def read(path):
    with open(path) as file: return file.read()

  def processes():
    for name in os.listdir("/proc"):
      if name.isdigit():
        try: yield name, read(f"/proc/{name}/comm").strip(), read(f"/proc/{name}/stat").rsplit(")", 1)[1].split()[1]
        except OSError: pass

  def look(view, _):
    if view.get_title() != "5 apples": return
    print("title", view.get_title())
    running = {pid: (name, parent) for pid, name, parent in processes()}
    web = [pid for pid, (name, _) in running.items() if name.startswith("WebKitWeb")][0]
    print("parent", running[running[web][1]][0])
    print("sees the file outside:", os.path.exists(secret))
    print("sees the file inside:", os.path.exists(f"/proc/{web}/root{secret}"))
    status = dict(line.split(":\t") for line in read(f"/proc/{web}/status").splitlines())
    print("capabilities", status["CapEff"])
    print("user namespace of its own:", os.readlink(f"/proc/{web}/ns/user") != os.readlink("/proc/self/ns/user"))
    proxies = [running[parent][0] for name, parent in running.values() if name == "xdg-dbus-proxy"]
    print("bus proxy below", *proxies)
    Gtk.main_quit()

  context = WebKit2.WebContext.new_ephemeral()
  context.set_sandbox_enabled(True)
  view = WebKit2.WebView.new_with_context(context)
  view.connect("notify::title", look)
  view.connect("load-failed", lambda *facts: (print("failed:", facts[-1].message), Gtk.main_quit()))
  view.connect("web-process-terminated", lambda *facts: (print("ended:", facts[-1]), Gtk.main_quit()))
  window = Gtk.Window()
  window.add(view)
  window.show_all()
  view.load_html("<title>no script</title><script>document.title = 2 + 3 + ' apples'</script>", None)
  GLib.timeout_add_seconds(40, lambda: (print("nothing was shown"), Gtk.main_quit()))
  Gtk.main()
  """#

/// Makes a runtime of the host's shell and an app, installs, runs, kills and enters it.
let flatpakCaller = #"""
  cd ~
  say() { printf '%s\n' "$*"; }

  mkdir -p runtime/usr/bin runtime/usr/lib runtime/usr/lib64 runtime/files app/files/bin
  printf '[Runtime]\nname=org.snug.Platform\n' >runtime/metadata
  for name in sh cat ls id env grep readlink sleep dbus-send; do
    program=$(readlink -f "$(command -v $name)")
    cp "$program" runtime/usr/bin/$name
    ldd "$program" | grep -o '/[^ ]*' | while read -r library; do cp -nL "$library" runtime/usr/lib/; done
  done
  # The loader stands at a fixed place that differs between architectures; every program names it.
  for loader in runtime/usr/lib/ld-linux*; do ln -s "../lib/${loader##*/}" "runtime/usr/lib64/${loader##*/}"; done
  flatpak build-export --no-update-summary --runtime repository runtime stable >export.log 2>&1 || cat export.log

  arch=$(flatpak --default-arch)
  printf '[Application]\nname=org.snug.Hello\nruntime=org.snug.Platform/%s/stable\nsdk=org.snug.Platform/%s/stable\n' \
    "$arch" "$arch" >app/metadata
  printf '#!/bin/sh\necho hello "$@"\nexit 7\n' >app/files/bin/hello
  chmod 755 app/files/bin/hello
  cp "$CALLERS/facts" app/files/bin/facts
  flatpak build-finish --command=hello --talk-name=org.snug.Nobody app >finish.log 2>&1 || cat finish.log
  flatpak build-export repository app stable >export.log 2>&1 || cat export.log
  flatpak remote-add --user --no-gpg-verify local "file://$HOME/repository"
  flatpak install --user -y --noninteractive local org.snug.Hello >install.log 2>&1 || cat install.log

  status=0
  flatpak run org.snug.Hello a b || status=$?
  say "status $status"
  status=0
  flatpak run --command=sh org.snug.Hello -c 'kill -9 $$' || status=$?
  say "killed $status"
  flatpak run --command=sh org.snug.Hello /app/bin/facts
  # The proxy lets through the bus itself, and hides names that were not granted.
  status=0
  flatpak run --command=dbus-send org.snug.Hello --session --print-reply --dest=org.freedesktop.DBus / \
    org.freedesktop.DBus.GetId >answer.log 2>&1 || status=$?
  say "message $status"
  status=0
  flatpak run --command=dbus-send org.snug.Hello --session --print-reply --dest=org.snug.Refused / \
    org.freedesktop.DBus.Peer.Ping >answer.log 2>&1 || status=$?
  say "strange message $status"

  mkdir exchange
  mkfifo exchange/up exchange/down
  flatpak run --filesystem=~/exchange --command=sh org.snug.Hello \
    -c "grep instance-id= /.flatpak-info >$HOME/exchange/up; read -r word <$HOME/exchange/down" &
  launcher=$!
  read -r line <exchange/up
  instance=${line#*=}
  status=0
  flatpak enter "$instance" sh -c '
    grep ^name= /.flatpak-info
    [ "$(readlink /proc/self/ns/user)" = "$(readlink /proc/1/ns/user)" ] && echo the same user namespace
    [ "$(readlink /proc/self/ns/mnt)" = "$(readlink /proc/1/ns/mnt)" ] && echo the same mounts
    grep CapEff /proc/self/status' || status=$?
  say "entered $status"
  flatpak kill "$instance"
  status=0
  wait $launcher || status=$?
  say "end $status"
  """#

/// What an app of Flatpak's looks like from inside, with nothing but the shell's own words and a few programs.
let flatpakFacts = #"""
  #!/bin/sh
  id -u
  for name in / /app /run /run/host /etc /dev; do for file in "$name"/*; do echo "file $file"; done; done
  env | grep -vE '^(PWD|FLATPAK_BWRAP)='
  echo "directory $PWD"
  grep -E '^(Cap|NoNewPrivs|Seccomp:|Sig(Blk|Ign|Cgt))' /proc/self/status
  while read -r id parent device root place flags rest; do echo "mount $place $flags"; done </proc/self/mountinfo
  for file in /proc/$$/fd/*; do echo "descriptor ${file##*/}"; done
  readlink /proc/self/ns/user | grep -c user
  """#
