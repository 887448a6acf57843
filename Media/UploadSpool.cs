namespace Streaming.Media;

/// <summary>Where uploads grow on this machine's disk before they are whole.</summary>
public sealed class UploadSpool
{
    // A file that nobody has written to for so long has lost its upload: fronts end those that bring no bytes for seconds.
    private static readonly TimeSpan LeftOverAfter = TimeSpan.FromHours(3);

    private readonly MediaFolder folder;
    private readonly DiskWriter writer;
    private readonly TimeProvider time;

    internal UploadSpool(MediaFolder folder, DiskWriter writer, TimeProvider time)
    {
        this.folder = folder;
        this.writer = writer;
        this.time = time;
    }

    /// <summary>Looks whether a file of so many bytes leaves as much of the disk free as <see cref="MediaOptions.MinFreeMegabytes"/> says.</summary>
    /// <exception cref="Videos.MediaStoreException">It does not, or the disk cannot be asked.</exception>
    public void CheckRoom(long bytes)
    {
        MediaFolder.Make(folder.Incoming);
        folder.CheckRoom(bytes);
    }

    /// <summary>An empty file for an upload. The id must be a new one.</summary>
    /// <exception cref="Videos.MediaStoreException">It cannot be made.</exception>
    public SpooledUpload Create(Guid videoId)
    {
        MediaFolder.Make(folder.Incoming);
        return new SpooledUpload(folder, writer, folder.IncomingOf(videoId));
    }

    /// <summary>Removes what uploads have left whose front was killed.</summary>
    /// <param name="all">Whether no upload can be under way here, so that whatever is there is left over.</param>
    /// <returns>How many files.</returns>
    internal int RemoveLeftOvers(bool all)
    {
        var before = time.GetUtcNow() - LeftOverAfter;
        var removed = 0;
        foreach (var file in new DirectoryInfo(folder.Incoming).EnumerateFiles())
        {
            if (all || file.LastWriteTimeUtc < before)
            {
                file.Delete();
                removed++;
            }
        }

        return removed;
    }
}
