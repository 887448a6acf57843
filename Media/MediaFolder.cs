using Streaming.Videos;

namespace Streaming.Media;

/// <summary>The folder of media and of uploads that come in. Every path in it is made of an id.</summary>
internal sealed class MediaFolder(string root, bool isOurs, long minFreeBytes)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public string Root { get; } = Path.GetFullPath(root);

    /// <summary>Files that are not whole yet; of the same file system, so that they become whole ones by a rename.</summary>
    public string Incoming => Path.Combine(Root, "incoming");

    /// <summary>No other process uses it: the lock of the data folder that it is in sees to that.</summary>
    public bool IsOurs => isOurs;

    /// <summary>Under a folder of 256 by the id's last byte, which is random in ids of any version, as its first is not.</summary>
    public string FolderOf(Guid videoId) => Path.Combine(Root, videoId.ToString("N")[^2..]);

    public string FileOf(Guid videoId, MediaKind kind) =>
        Path.Combine(FolderOf(videoId), videoId.ToString("D") + (kind == MediaKind.Video ? ".video" : ".image"));

    /// <summary>Of an upload while it comes.</summary>
    public string IncomingOf(Guid videoId) => NewFile(videoId.ToString("D"));

    public string NewFile(string name) => Path.Combine(Incoming, name);

    /// <exception cref="MediaStoreException">It cannot be made.</exception>
    public static void Make(string path)
    {
        try
        {
            if (OperatingSystem.IsWindows())
                Directory.CreateDirectory(path);
            else
                Directory.CreateDirectory(path, OwnerOnly);
        }
        catch (Exception e) when (DiskFailures.Is(e))
        {
            throw DiskFailures.ToMedia(e, path);
        }
    }

    /// <summary>Looks whether so many bytes more leave enough of the disk free.</summary>
    /// <exception cref="MediaStoreException">They do not.</exception>
    public void CheckRoom(long bytes)
    {
        long free;
        try
        {
            free = new DriveInfo(Root).AvailableFreeSpace;
        }
        catch (Exception e) when (DiskFailures.Is(e))
        {
            throw DiskFailures.ToMedia(e, Root);
        }

        if (free - bytes < minFreeBytes)
        {
            throw new MediaStoreException(
                MediaFailure.Full,
                $"The disk of the media folder {Root} has {free >> 20} MB free, and Media:MinFreeMegabytes keeps {minFreeBytes >> 20}. Make room, or name a folder on another disk with Media__Path.");
        }
    }
}
