using Streaming.Videos;

namespace Streaming.Media;

/// <summary>Files named by ids in a folder that every front and silo reaches.</summary>
internal sealed class DiskMediaStore(MediaFolder folder, DiskWriter writer) : IMediaStore
{
    private const int CopyBuffer = 1 << 20;

    public async Task PutAsync(Guid videoId, MediaKind kind, MediaFile file, CancellationToken cancellationToken)
    {
        var path = folder.FileOf(videoId, kind);
        var place = folder.FolderOf(videoId);
        if (File.Exists(file.Path))
            await MoveInAsync(file, path, cancellationToken);
        else if (new FileInfo(path) is not { Exists: true } there || there.Length != file.Bytes)
            throw new MediaStoreException(MediaFailure.Refused, $"There is no {file.Path} any more. Removing an upload that got no sign of life removes its file.");

        try
        {
            await writer.FlushNamesAsync(place, cancellationToken);
            await writer.FlushNamesAsync(folder.Root, cancellationToken);
        }
        catch (Exception e) when (e is MediaStoreException or OperationCanceledException)
        {
            throw new MediaStoreException(MediaFailure.Unknown, $"{path} is there, and may be gone after a power failure.", e);
        }
    }

    public Task<MediaContent?> OpenAsync(Guid videoId, MediaKind kind, CancellationToken cancellationToken) =>
        OffThreadAsync<MediaContent?>(() => Open(folder.FileOf(videoId, kind)), cancellationToken);

    public async Task DeleteAsync(Guid videoId, CancellationToken cancellationToken)
    {
        var place = folder.FolderOf(videoId);
        if (await OffThreadAsync(() => Delete(videoId, place), cancellationToken))
            await writer.FlushNamesAsync(place, cancellationToken);
    }

    private static MediaContent.Bytes? Open(string path)
    {
        try
        {
            // Nothing here makes links; one that somebody else has made may lead anywhere.
            if (new FileInfo(path) is not { Exists: true, LinkTarget: null } found)
                return null;

            // It may be removed while it is read: who reads it reads it to its end.
            var stream = new FileStream(path, new FileStreamOptions
            {
                Share = FileShare.Read | FileShare.Delete,
                BufferSize = 0,
                Options = FileOptions.Asynchronous,
            });
            return new MediaContent.Bytes(stream, found.LastWriteTimeUtc);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (DiskFailures.Is(e))
        {
            throw DiskFailures.ToMedia(e, path);
        }
    }

    /// <returns>Whether there can have been something.</returns>
    private bool Delete(Guid videoId, string place)
    {
        // A folder that is not mounted must not pass for one whose files are gone.
        if (!Directory.Exists(folder.Root))
            throw new MediaStoreException(MediaFailure.Unavailable, $"There is no media folder {folder.Root}. Mount it, or correct Media__Path.");

        try
        {
            // Of an upload whose front died, what had come of it. A front that was only paused has lost its lease, and then its file.
            if (Directory.Exists(folder.Incoming))
                File.Delete(folder.IncomingOf(videoId));

            if (!Directory.Exists(place))
                return false;

            File.Delete(folder.FileOf(videoId, MediaKind.Video));
            File.Delete(folder.FileOf(videoId, MediaKind.Image));
            return true;
        }
        catch (Exception e) when (DiskFailures.Is(e))
        {
            throw DiskFailures.ToMedia(e, place);
        }
    }

    // Callers are grains and threads that answer requests: a slow disk must hold up neither.
    private static Task<T> OffThreadAsync<T>(Func<T> work, CancellationToken cancellationToken) =>
        Task.Run(work, cancellationToken).WaitAsync(cancellationToken);

    private async Task MoveInAsync(MediaFile file, string path, CancellationToken cancellationToken)
    {
        var source = file.Path;
        try
        {
            if (Path.GetDirectoryName(source) != folder.Incoming)
                source = await CopyInAsync(file, cancellationToken);
            else
                await FlushAsync(source, cancellationToken);

            MediaFolder.Make(Path.GetDirectoryName(path)!);
            File.Move(source, path, overwrite: true);
        }
        catch (Exception e) when (DiskFailures.Is(e))
        {
            throw DiskFailures.ToMedia(e, path);
        }
    }

    /// <summary>A durable copy of a file that may be of another file system, which no rename leaves.</summary>
    private async Task<string> CopyInAsync(MediaFile file, CancellationToken cancellationToken)
    {
        MediaFolder.Make(folder.Incoming);
        folder.CheckRoom(file.Bytes);
        var path = folder.NewFile(Guid.CreateVersion7().ToString("D"));
        var copied = false;
        try
        {
            await using var from = File.OpenRead(file.Path);
            await using var to = DiskWriter.Create(path);
            await from.CopyToAsync(to, CopyBuffer, cancellationToken);
            await writer.FlushAsync(to, cancellationToken);
            copied = true;
            return path;
        }
        finally
        {
            if (!copied)
                File.Delete(path);
        }
    }

    private async Task FlushAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        await writer.FlushAsync(file, cancellationToken);
    }
}
