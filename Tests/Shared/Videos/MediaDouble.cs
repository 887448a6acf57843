using System.Collections.Concurrent;
using Streaming.Videos;

namespace Streaming.Tests.Videos;

/// <summary>A double of a media store, which has no files: it notes what is removed, and a test can take it away.</summary>
internal sealed class MediaDouble : IMediaStore
{
    private readonly ConcurrentQueue<Guid> removed = new();

    public bool Away { get; set; }

    /// <summary>Ids in the order of their removals, as often as they were asked for.</summary>
    public IReadOnlyCollection<Guid> Removed => removed;

    public Task DeleteAsync(Guid videoId, CancellationToken cancellationToken)
    {
        removed.Enqueue(videoId);
        return Away
            ? Task.FromException(new MediaStoreException(MediaFailure.Unavailable, "The media are away."))
            : Task.CompletedTask;
    }

    public Task PutAsync(Guid videoId, MediaKind kind, MediaFile file, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<MediaContent?> OpenAsync(Guid videoId, MediaKind kind, CancellationToken cancellationToken) => throw new NotSupportedException();
}
