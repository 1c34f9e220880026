import CSnug

// What Swift's Glibc module adds to the headers, which Embedded Swift reads alone: macros and calls with a variable
// number of arguments, under the headers' names. Only as far as it is used here.

#if hasFeature(Embedded)
  var errno: Int32 { csnug_errno() }

  // swift-format-ignore: AlwaysUseLowerCamelCase
  var SIG_IGN: (@convention(c) (Int32) -> Void)? { unsafe csnug_ignored() }

  func open(_ path: UnsafePointer<CChar>, _ flags: Int32, _ mode: UInt32 = 0) -> Int32 {
    unsafe csnug_libc_open(path, flags, mode)
  }

  func openat(_ directory: Int32, _ path: UnsafePointer<CChar>, _ flags: Int32, _ mode: UInt32 = 0) -> Int32 {
    unsafe csnug_libc_openat(directory, path, flags, mode)
  }

  // swift-format-ignore: AlwaysUseLowerCamelCase
  let S_IFMT: UInt32 = 0o170000
  // swift-format-ignore: AlwaysUseLowerCamelCase
  let S_IFDIR: UInt32 = 0o040000
  // swift-format-ignore: AlwaysUseLowerCamelCase
  let S_IFREG: UInt32 = 0o100000
  // swift-format-ignore: AlwaysUseLowerCamelCase
  let S_IFLNK: UInt32 = 0o120000
  // swift-format-ignore: AlwaysUseLowerCamelCase
  let S_IFSOCK: UInt32 = 0o140000
  // swift-format-ignore: AlwaysUseLowerCamelCase
  let S_IFIFO: UInt32 = 0o010000
  // swift-format-ignore: AlwaysUseLowerCamelCase
  let S_IFBLK: UInt32 = 0o060000
  // swift-format-ignore: AlwaysUseLowerCamelCase
  let S_IFCHR: UInt32 = 0o020000
#endif
