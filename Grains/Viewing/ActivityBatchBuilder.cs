using System.Runtime.InteropServices;

namespace Streaming.Viewing;

/// <summary>What a batch of the activity ledger collects. Downloads of one user and day are one.</summary>
internal sealed class ActivityBatchBuilder
{
    private readonly List<SessionProgress> sessions = [];
    private readonly Dictionary<(Guid UserId, DateOnly Day), long> downloads = [];

    public void Add(SessionProgress session) => sessions.Add(session);

    public void Add(DownloadedBytes download)
    {
        ref var bytes = ref CollectionsMarshal.GetValueRefOrAddDefault(downloads, (download.UserId, download.Day), out _);
        bytes += download.Bytes;
    }

    public ActivityBatch ToBatch() =>
        new(sessions, [.. downloads.Select(pair => new DownloadedBytes(pair.Key.UserId, pair.Key.Day, pair.Value))]);
}
