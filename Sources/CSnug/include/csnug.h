// System calls that Swift cannot import, one wrapper each. No policy: what is called and in which order is decided in
// Swift. Prototypes and constants only: a system header here would clash with the importer's own copies.
//
// Every wrapper returns what the call returns, or -errno. errno is copied here, before anything else can change it.
#ifndef CSNUG_H
#define CSNUG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// clone3(2). Namespaces by CLONE_NEW* bits; the child is a copy of the caller, not a thread. 0 in the child. `cgroup`: a
// directory of cgroup version 2 in which it begins; -1 for the caller's own.
long csnug_clone3(uint64_t flags, int *pidfd, int cgroup);

// How csnug_openat2 opens; flag values differ between architectures, so they stay in C. O_CLOEXEC always.
enum csnug_how { csnug_how_path, csnug_how_path_without_links, csnug_how_read, csnug_how_write, csnug_how_create,
                 csnug_how_replace, csnug_how_magic_link, csnug_how_terminal };
// openat2(2) with `dir` as root (RESOLVE_IN_ROOT) and without magic links, but for csnug_how_magic_link, whose `path`
// is one name in a directory of proc.
long csnug_openat2(int dir, const char *path, int how, uint32_t mode);
// Test builds alone have it: from now on links are followed out of the directory.
void csnug_test_loosen(bool on);
// "/" as O_PATH directory.
long csnug_open_root(void);
// O_RDONLY or O_PATH open by an ordinary path, for the launcher.
long csnug_open(const char *path, bool path_only, bool follow);
// How csnug_open_trial opens: by an ordinary path, as any program would.
enum csnug_trial { csnug_trial_look, csnug_trial_read, csnug_trial_write, csnug_trial_unnamed };
long csnug_open_trial(const char *path, int how);
// openat2(2) of a name in `dir` that is no link and on the same mount: by O_PATH, or a directory for reading.
long csnug_open_beneath(int dir, const char *name, bool path_only);
// O_PATH open by an ordinary path that has no link in it; -ELOOP where it has one.
long csnug_open_without_links(const char *path);

struct csnug_statx {
  uint32_t mode;
  uint32_t uid;
  uint32_t gid;
  uint32_t dev_major, dev_minor;
  uint32_t rdev_major, rdev_minor;
  uint64_t inode;
  uint64_t size;
  uint64_t mount_id;
};
// statx(2) on an open file (AT_EMPTY_PATH) or a path, AT_STATX_DONT_SYNC; `follow` for the last component.
long csnug_statx(int dir, const char *path, bool follow, struct csnug_statx *out);
// Magic number of the file system, fstatfs(2).
long csnug_fstatfs_magic(int fd, int64_t *magic);

long csnug_mkdirat(int dir, const char *name, uint32_t mode);
long csnug_symlinkat(const char *to, int dir, const char *name);
long csnug_unlinkat(int dir, const char *name);
long csnug_rmdirat(int dir, const char *name);
// umount2(2) MNT_DETACH of `name` in `dir`, not following a link; `dir` becomes the working directory.
long csnug_detach(int dir, const char *name);
// fchmod(2) that takes an O_PATH descriptor too.
long csnug_fchmod(int fd, uint32_t mode);
long csnug_write(int fd, const void *bytes, size_t count);
long csnug_read(int fd, void *bytes, size_t count);
long csnug_pread(int fd, void *bytes, size_t count, int64_t offset);
long csnug_close(int fd);
long csnug_close_range(unsigned first, unsigned last, bool only_cloexec);
long csnug_set_cloexec(int fd, bool on);
long csnug_dup_above(int fd, int lowest);
long csnug_getdents64(int fd, void *buffer, size_t count);
long csnug_readlinkat(int dir, const char *path, char *buffer, size_t count);

// Mounts.
long csnug_open_tree_clone(int fd, bool recursive);
// mount_setattr(2): sets bits and, where `private_propagation`, MS_PRIVATE. Clears nothing.
long csnug_mount_setattr(int fd, uint64_t set, bool recursive, bool private_propagation);
long csnug_move_mount(int from, int to);
long csnug_fsopen(const char *type);
long csnug_fsconfig_string(int fd, const char *key, const char *value);
long csnug_fsconfig_flag(int fd, const char *key);
long csnug_fsconfig_fd(int fd, const char *key, int value);
long csnug_fsconfig_create(int fd);
long csnug_fsmount(int fd, uint64_t attributes);
long csnug_make_root_slave(void);
long csnug_mount_bind(const char *from, const char *on);
long csnug_pivot_root_here(void);
long csnug_detach_root(void);
long csnug_fchdir(int fd);
long csnug_chdir(const char *path);
long csnug_getcwd(char *buffer, size_t count);

// The process.
long csnug_prctl(int option, unsigned long two, unsigned long three, unsigned long four, unsigned long five);
long csnug_keyctl_join_session(void);
long csnug_sethostname(const char *name, size_t length);
long csnug_getrlimit(int resource, uint64_t *soft, uint64_t *hard);
long csnug_setrlimit(int resource, uint64_t soft, uint64_t hard);
// Bytes of memory of the machine; 0 where it cannot be told.
uint64_t csnug_total_memory(void);
long csnug_gethostname(char *buffer, size_t count);
long csnug_getpriority(void);
long csnug_setpriority(int nice);
long csnug_setsid(void);
long csnug_getpgid(int pid);
long csnug_setpgid(int pid, int group);
uint32_t csnug_umask(uint32_t mask);
long csnug_loopback_up(void);
long csnug_landlock_abi(void);
long csnug_landlock_create(uint64_t files, uint64_t network, uint64_t scope);
long csnug_landlock_add_path(int ruleset, int path, uint64_t rights);
long csnug_landlock_add_connect(int ruleset, uint64_t port);
long csnug_landlock_restrict(int ruleset);
// seccomp(SECCOMP_SET_MODE_FILTER) of `count` eight-byte instructions; `flags` as SECCOMP_FILTER_FLAG_*.
long csnug_seccomp(const uint64_t *program, size_t count, unsigned flags);
// Highest number that a landlock or seccomp probe may name.
long csnug_seccomp_action_available(uint32_t action);
long csnug_unshare(int flags);
long csnug_setns(int fd, uint64_t kind);
long csnug_setuid(uint32_t uid);
long csnug_setgid(uint32_t gid);
// A read lock on the whole file, of the process; see fcntl_locking(2).
long csnug_read_lock(int fd);
long csnug_memfd(const char *name);
long csnug_pidfd_open(int pid);
long csnug_pidfd_send_signal(int pidfd, int signal);
long csnug_getuid_mismatch(void); // 1 when started set-uid, set-gid or with file capabilities (AT_SECURE)

// Children and signals.
struct csnug_ended {
  int pid;
  int code;   // exit code, or the signal
  int how;    // 0 exited, 1 killed, 2 stopped, 3 continued
  int64_t user_us, system_us, peak_kib;
};
long csnug_fork(void);
// A child that runs `body` in our memory, while we stand still until it executes a program or ends: no page is copied,
// see CLONE_VM and CLONE_VFORK in clone(2). `body` does not return.
long csnug_vfork(void (*body)(void *), void *context);
// wait4(2) for `pid` or any child (-1); 0 when nothing has happened and `block` is false.
long csnug_wait(int pid, bool block, bool stops, struct csnug_ended *out);
void csnug_exit(int status) __attribute__((noreturn));
long csnug_execve(const char *path, char *const *argv, char *const *envp);
// execvp(3) with the environment that the program gets, whose PATH it is looked up in.
long csnug_execvp(const char *file, char **argv, char **envp);
long csnug_kill(int pid, int signal);
// All signals blocked, then a signalfd for all that can be caught but those in `without` (0-terminated).
long csnug_signalfd_all(const int *without);
struct csnug_signal {
  int number;
  int code;       // SI_KERNEL is 128
  int pid;        // sender as seen here, 0 for kernel or outside
};
long csnug_read_signal(int fd, struct csnug_signal *out);
// Default disposition for all signals.
void csnug_reset_signals(void);
void csnug_unblock_signals(void);
// Default disposition for one, which is unblocked, too.
void csnug_reset_signal(int number);
int csnug_getppid(void);
// Takes a blocked signal's default action, that of a stop; returns when continued. The signal is blocked again.
void csnug_stop_self(int number);
// SIGPIPE and SIGXFSZ: a write that cannot be done fails, and ends nothing.
void csnug_ignore_write_signals(void);
// poll(2). `events`: 1 readable, 2 hung up or error; results in `events` again. timeout in ms, -1 for ever.
long csnug_poll(const int *fds, int *events, size_t count, int timeout_ms);

// Sockets between launcher and Init: seqpacket, close-on-exec.
long csnug_socketpair(int *out, bool pass_credentials);
long csnug_send(int fd, const void *bytes, size_t count);
// recvmsg(2); the sender's pid (as seen here) where credentials are passed, else 0. Descriptors that come are closed.
long csnug_receive(int fd, void *bytes, size_t count, int *sender);
// Sends bytes with the sender's own pid and ids, SCM_CREDENTIALS of unix(7); non-blocking, without SIGPIPE.
long csnug_send_as_self(int fd, const void *bytes, size_t count);
// sendmsg(2) of one packet with up to 16 descriptors (SCM_RIGHTS).
long csnug_send_descriptors(int fd, const void *bytes, size_t count, const int *descriptors, size_t number);
// recvmsg(2) of one packet and at most `*number` descriptors, close-on-exec; afterwards `*number` is how many came.
// -EMSGSIZE where anything was cut off or more came: then none is kept. `sender` as in csnug_receive.
long csnug_receive_descriptors(int fd, void *bytes, size_t count, int *descriptors, size_t *number, int *sender);
// Length of the packet that is next, which stays; 0 at the end of file.
long csnug_next_length(int fd);
// csnug_poll without its limit of 16.
long csnug_poll_many(const int *fds, int *events, size_t count, int timeout_ms);
// A pidfd of who connected (SO_PEERPIDFD, Linux 6.5).
long csnug_peer_pidfd(int fd);
// The sender's pid comes with each packet from now on (SO_PASSCRED).
long csnug_pass_credentials(int fd);
// dup3(2) without close-on-exec; -EINVAL where both numbers are the same.
long csnug_dup_to(int fd, int number);
long csnug_set_nonblocking(int fd);
// pipe2(2), close-on-exec.
long csnug_pipe(int *out);
// errno after a call of a library, before anything else.
int csnug_errno(void);
// Text of an errno, as strerror(3) in the C locale.
const char *csnug_error_text(int code);
// Name of a signal without SIG, "TERM"; NULL where there is none.
const char *csnug_signal_name(int number);
long csnug_clock_ms(void);
long csnug_clock_us(void);
// Processor time that this process had used when csnug_note_start was called, microseconds; 0 where it was not.
long csnug_start_cost_us(void);
void csnug_note_start(void);
// strftime(3) of a local time: "2026-11-21 14:40". Its length, 0 where there is no such time.
size_t csnug_time_text(int64_t seconds, char *buffer, size_t count);
int csnug_isatty(int fd);
// Fills closed descriptors 0-2 with /dev/null; for this process alone where `close_on_exec`.
long csnug_fill_stdio(bool close_on_exec);
long csnug_replace_with_null(int fd);
int csnug_getpid(void);
uint32_t csnug_geteuid(void);
uint32_t csnug_getegid(void);
// For Embedded Swift, which sees neither macros with casts nor calls with a variable number of arguments. These leave the
// error in errno, as the calls do.
void (*csnug_ignored(void))(int);
int csnug_libc_open(const char *path, int flags, uint32_t mode);
int csnug_libc_openat(int directory, const char *path, int flags, uint32_t mode);
// execve(2) of another program with the own arguments and environment.
long csnug_exec_again(const char *path);
// The process's own arguments, byte for byte; NULL past the end.
const char *csnug_argument(int index);
// Its environment likewise, after csnug_restore_environment.
const char *csnug_environment_entry(int index);
// Path of the terminal at a descriptor; NULL where it is none. Valid until the next call.
const char *csnug_terminal_name(int fd);
size_t csnug_length(const char *text);
// Takes back what was set for the Swift runtime's start; first call of main.
void csnug_restore_environment(void);
// Overwrites the argument block so that /proc/PID/cmdline shows `name` only, and sets the thread's name.
void csnug_hide_arguments(const char *name);

// Terminals, ioctl_tty(2). Modes are the kernel's termios2, opaque here.
enum { csnug_terminal_modes_size = 44 };
// O_RDWR, O_NONBLOCK, never as the controlling terminal.
long csnug_open_terminal(const char *path);
// Unlocks a pseudoterminal and opens its other side without a name (TIOCGPTPEER).
long csnug_terminal_peer(int master);
long csnug_terminal_modes(int fd, void *modes);
// Those that the kernel gives a new terminal.
void csnug_usual_modes(void *modes);
// At once: waits for no output to be read.
long csnug_set_terminal_modes(int fd, const void *modes);
// As cfmakeraw(3); `keeps_output`: all but the processing of output.
void csnug_raw_modes(void *modes, bool keeps_output);
void csnug_unprocessed_output(void *modes);
void csnug_copy_output_modes(void *to, const void *from);
// IUTF8 alone.
void csnug_copy_input_encoding(void *to, const void *from);
// Whether a newline is shown as return and newline (OPOST and ONLCR).
bool csnug_adds_returns(const void *modes);
// Whether input is treated alike: c_iflag, c_lflag, VMIN and VTIME.
bool csnug_same_input_modes(const void *one, const void *other);
// struct winsize: rows, columns, width and height in pixels.
long csnug_terminal_size(int fd, uint16_t *size);
long csnug_set_terminal_size(int fd, const uint16_t *size);
// The real terminal's device number, also of a descriptor of /dev/tty (TIOCGDEV).
long csnug_terminal_device(int fd, uint32_t *device);
long csnug_adopt_terminal(int fd); // TIOCSCTTY
long csnug_leave_terminal(int fd); // TIOCNOTTY
long csnug_foreground_group(int fd);
long csnug_set_foreground_group(int fd, int group);
// Session of a terminal that is the caller's controlling one, else -ENOTTY (TIOCGSID).
long csnug_terminal_session(int fd);
long csnug_getsid(void);
// Lets in a stop that waits, which ends when somebody continues this process. False where nobody has: the kernel dropped
// the signal, as nobody is there to do it (an orphaned process group, setpgid(2)). All signals must be blocked and stay so.
// A stop takes back a SIGCONT that waits, and the other way round, signal(7): what is seen came after the stop.
bool csnug_stop_until_continued(int number);
// poll(2); `wanted` and `events`: 1 readable, 4 writable, `events` also 2 hung up or broken.
long csnug_poll_for(const int *fds, const int *wanted, int *events, size_t count, int timeout_ms);

// For `snug doctor`: one datagram from 127.0.0.1 to itself, waited for at most a second.
long csnug_loopback_echo(void);
// clone3(2) with arguments that are too short: -EINVAL from the kernel, anything else from a filter before it.
long csnug_clone3_invalid(void);

// Sockets that have a name: seqpacket, close-on-exec. A path has at most 107 bytes, else -ENAMETOOLONG.
long csnug_socket(void);
// A stream socket, non-blocking.
long csnug_stream_socket(void);
long csnug_bind(int fd, const char *path);
long csnug_listen(int fd, int backlog);
long csnug_connect(int fd, const char *path);
long csnug_accept(int fd);
// A stream socket that is connected, without waiting: -EAGAIN where the other side has too many that wait. A name that
// begins with a zero byte has no file, unix(7).
long csnug_open_stream(const void *name, size_t length);
// A stream socket that listens at a path, without waiting.
long csnug_listen_stream(const char *path, int backlog);
// SO_PEERCRED: who connected, or who began to listen.
long csnug_peer(int fd, int *pid, uint32_t *uid);

// A write lock of the open file description on a range of bytes, -EAGAIN where another one has it; see fcntl_locking(2).
// It is gone when the last copy of the descriptor is closed.
long csnug_lock(int fd, int64_t start, int64_t length);
// 1 and the range of a lock that somebody else holds on the file, else 0. Takes nothing.
long csnug_find_lock(int fd, int64_t *start, int64_t *length);
// renameat2(2) RENAME_NOREPLACE.
long csnug_rename_new(int from, const char *name, int to, const char *other);
long csnug_random(void *bytes, size_t count);

// Only where SNUG_TEST_BUILD is defined: numbers a call that is made by a library, 0 or the -errno that it is to have.
long csnug_fault(const char *call);

#endif
