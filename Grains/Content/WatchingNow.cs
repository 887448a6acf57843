namespace Streaming.Content;

/// <summary>How many watch a title now, as <see cref="Viewing.IPresenceGrain"/> told last.</summary>
internal struct WatchingNow
{
    /// <summary>A number that was not told again for so long is not believed any more: whoever told it is gone.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    private int count;
    private DateTimeOffset toldAt;

    public void Tell(int watching, TimeProvider time) => (count, toldAt) = (watching, time.GetUtcNow());

    public readonly int Count(TimeProvider time) => count > 0 && time.GetUtcNow() - toldAt < Lifetime ? count : 0;
}
