using Orleans.Concurrency;

namespace Streaming.Videos;

/// <summary>
/// Removes media whose time has come: of videos that were deleted and not restored, of uploads that died, of users who are
/// gone. What is to be done is in the rows, so nothing is forgotten. One for the cluster, its key is always 0; a reminder
/// wakes it after a restart.
/// </summary>
[Alias("video-keeper")]
public interface IVideoReaperGrain : IGrainWithIntegerKey
{
    /// <summary>Goes to work, and on every <see cref="VideoOptions.SweepSeconds"/>. Every silo calls it when it starts, and once a minute.</summary>
    // Interleaves, since a sweep can take longer than a caller waits.
    [AlwaysInterleave, Alias("start")]
    Task StartAsync();
}
