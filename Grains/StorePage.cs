namespace Streaming;

/// <summary>Rows of a store that no client sees as they are.</summary>
/// <param name="Next">Cursor of the next page; null on the last.</param>
public sealed record StorePage<T>(IReadOnlyList<T> Rows, PageCursor? Next);
