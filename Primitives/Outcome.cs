namespace Streaming;

/// <summary>What became of a write. By its number on the wire: never renumber.</summary>
public enum Outcome
{
    /// <summary>It is on disk.</summary>
    Committed,

    /// <summary>Nothing of it was written; it may be tried again.</summary>
    Refused,

    /// <summary>It may or may not have been written; only what is keyed is safe to repeat.</summary>
    Unknown,
}
