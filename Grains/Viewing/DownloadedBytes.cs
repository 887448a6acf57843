namespace Streaming.Viewing;

/// <summary>Bytes that were sent to a user on a UTC day.</summary>
public sealed record DownloadedBytes(Guid UserId, DateOnly Day, long Bytes);
