namespace Streaming.Viewing;

/// <summary>Bytes that were sent to a person on a UTC day.</summary>
public sealed record DownloadedBytes(Guid UserId, DateOnly Day, long Bytes);
