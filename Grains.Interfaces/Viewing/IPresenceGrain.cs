using Orleans.Concurrency;

namespace Streaming.Viewing;

/// <summary>
/// Who watches a title now, by its content id: the sessions whose heartbeat came within the last minute or so. A number
/// to show, not to count on: it is kept for a restart where its store answers, and starts anew where not.
/// </summary>
[Alias("presence")]
public interface IPresenceGrain : IGrainWithGuidKey
{
    /// <summary>A heartbeat of one of the title's sessions. One-way.</summary>
    [Alias("heard"), OneWay]
    Task HeardAsync(Guid sessionId);

    /// <summary>A session has ended: when this has answered, the title's details do not count it any more.</summary>
    [Alias("left")]
    Task LeftAsync(Guid sessionId);

    /// <summary>Sessions that watch now.</summary>
    [Alias("count")]
    ValueTask<int> CountAsync();
}
