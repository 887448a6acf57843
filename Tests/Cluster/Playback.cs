namespace Streaming.Tests.Processes;

/// <summary>A person who plays a title, heartbeat after heartbeat.</summary>
internal sealed class Playback(Guid user, Guid title)
{
    // A seek, then four steps of three seconds: enough to be a view, as soon as half of the time that it takes has passed.
    private static readonly int[] Positions = [100, 103, 106, 109, 112, 115];

    private int next;

    public Guid Title => title;

    public string Path => $"/api/v1/users/{user}/progress/{title}";

    public bool IsFinished => next == Positions.Length;

    /// <summary>The position last acknowledged; null before the first.</summary>
    public int? Acknowledged => next == 0 ? null : Positions[next - 1];

    /// <summary>The position that was sent, or is about to be.</summary>
    public int Sent => Positions[Math.Min(next, Positions.Length - 1)];

    public string Heartbeat => $$"""{"position_seconds":{{Sent}},"duration_seconds":1000,"session_id":"tv"}""";

    /// <summary>Whether the one that is sent is the last, which is sent again until the view counts.</summary>
    public bool IsAtEnd => next == Positions.Length - 1;

    public void Acknowledge() => next++;
}
