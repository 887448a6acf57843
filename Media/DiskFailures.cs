using Streaming.Videos;

namespace Streaming.Media;

/// <summary>What the system says of a disk, in the words of media stores.</summary>
internal static class DiskFailures
{
    // ENOSPC, EDQUOT (Linux, macOS), and Windows' ERROR_DISK_FULL and ERROR_HANDLE_DISK_FULL.
    private static readonly int[] NoRoom = [28, 122, 69, unchecked((int)0x80070070), unchecked((int)0x80070027)];

    public static bool Is(Exception e) => e is IOException or UnauthorizedAccessException;

    /// <param name="path">In the media folder.</param>
    public static MediaStoreException ToMedia(Exception e, string path) => NoRoom.Contains(e.HResult)
        ? new MediaStoreException(MediaFailure.Full, $"The disk of {path} is full. Make room, or name a media folder on another disk with Media__Path.", e)
        : new MediaStoreException(MediaFailure.Unavailable, $"{path} cannot be used ({e.Message.TrimEnd('.')}). See to the disk and to who may write there, or name another media folder with Media__Path.", e);
}
