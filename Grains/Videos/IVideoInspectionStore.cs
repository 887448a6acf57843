namespace Streaming.Videos;

/// <summary>Rows of stored videos whose files are to be looked at: every one, from when it is stored until it is described.</summary>
public interface IVideoInspectionStore
{
    /// <summary>
    /// Takes the next, which waits again from <paramref name="nextAt"/> on unless it was described by then; null when none waits. Each user has a
    /// turn after the other: next is who has had none for longest, where who never had one waits since the first upload, and of that user the oldest.
    /// Of concurrent callers one gets it.
    /// </summary>
    Task<WaitingVideo?> TakeAsync(DateTimeOffset now, DateTimeOffset nextAt, CancellationToken cancellationToken);

    /// <summary>Keeps what was found out about a stored or deleted video, which does not wait then. A duration that is known stays where another is not.</summary>
    Task DescribeAsync(Guid videoId, VideoInspection found, DateTimeOffset now, CancellationToken cancellationToken);
}
