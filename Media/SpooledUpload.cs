using System.Buffers;
using Streaming.Videos;

namespace Streaming.Media;

/// <summary>
/// The file of one upload while it comes. One caller at a time. Disposing it removes the file, unless a media store has moved it away.
/// </summary>
public sealed class SpooledUpload : IAsyncDisposable
{
    // The disk works while bytes still come, so that little is left to wait for at the end.
    private const long FlushEvery = 8 << 20;

    private readonly MediaFolder folder;
    private readonly DiskWriter writer;
    private readonly FileStream file;
    private Task flushing = Task.CompletedTask;
    private long flushedTo;

    internal SpooledUpload(MediaFolder folder, DiskWriter writer, string path)
    {
        this.folder = folder;
        this.writer = writer;
        Path = path;
        file = DiskWriter.Create(path);
    }

    public string Path { get; }

    public long Bytes { get; private set; }

    /// <summary>Adds to the file. Nothing is gathered here: a call costs a change of threads, so bring 256 kB or more.</summary>
    /// <exception cref="MediaStoreException">The disk is full, or fails.</exception>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        AddAsync(RandomAccess.WriteAsync(file.SafeFileHandle, bytes, Bytes, cancellationToken), bytes.Length);

    /// <summary>Adds to the file from where the bytes are, in one go.</summary>
    /// <exception cref="MediaStoreException">The disk is full, or fails.</exception>
    public ValueTask WriteAsync(ReadOnlySequence<byte> bytes, CancellationToken cancellationToken)
    {
        if (bytes.IsSingleSegment)
            return WriteAsync(bytes.First, cancellationToken);

        var parts = new List<ReadOnlyMemory<byte>>();
        foreach (var part in bytes)
            parts.Add(part);

        return AddAsync(RandomAccess.WriteAsync(file.SafeFileHandle, parts, Bytes, cancellationToken), bytes.Length);
    }

    /// <summary>Completes when the file is durable. Nothing can be added then.</summary>
    /// <exception cref="MediaStoreException">It is not.</exception>
    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        await flushing.WaitAsync(cancellationToken);
        await writer.FlushAsync(file, cancellationToken);
        await file.DisposeAsync();
    }

    public MediaFile ToFile(string contentType) => new(Path, Bytes, contentType);

    public async ValueTask DisposeAsync()
    {
        // The handle outlives it where it is being flushed. How that ends does not matter any more.
        _ = flushing.ContinueWith(static ended => ended.Exception, TaskScheduler.Default);
        await file.DisposeAsync();
        File.Delete(Path);
    }

    private async ValueTask AddAsync(ValueTask written, long bytes)
    {
        try
        {
            await written;
        }
        catch (Exception e) when (DiskFailures.Is(e))
        {
            throw DiskFailures.ToMedia(e, Path);
        }

        Bytes += bytes;
        if (Bytes - flushedTo < FlushEvery || !flushing.IsCompleted)
            return;

        // Where the last one failed, here is where it is told.
        await flushing;
        flushedTo = Bytes;
        flushing = FlushAsync();
    }

    private async Task FlushAsync()
    {
        await writer.FlushAsync(file, CancellationToken.None);
        folder.CheckRoom(0);
    }
}
