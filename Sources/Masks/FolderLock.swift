import Foundation
import VideoIO

/// Keeps an output folder to one run at a time, as long as it lives; a kill releases it too.
package final class FolderLock {
  private let descriptor: Int32

  /// Throws `cannotCreate` if another run holds the folder. One that is not there, or lies where nothing can be locked, is
  /// not held.
  package init(_ folder: String) throws(VideoError) {
    descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK else { return }
    close(descriptor)
    throw .cannotCreate(folder, reason: "another run writes there; wait for it, or choose another folder")
  }

  deinit { if descriptor >= 0 { close(descriptor) } }
}
