using System.Runtime.InteropServices;

namespace Streaming.Tests.Processes;

/// <summary>What the clients know of each title's views.</summary>
internal sealed class ViewTally
{
    private readonly Lock gate = new();
    private readonly Dictionary<Guid, long> acknowledged = [];
    private readonly Dictionary<Guid, long> doubtful = [];
    private long requests;

    /// <summary>Acknowledged requests, repeated ones not counted.</summary>
    public long Requests => Interlocked.Read(ref requests);

    /// <summary>Views of requests without a key whose answer was lost.</summary>
    public long Doubtful
    {
        get
        {
            lock (gate)
                return doubtful.Values.Sum();
        }
    }

    public void Acknowledge(ViewRequest request)
    {
        Add(acknowledged, request);
        Interlocked.Increment(ref requests);
    }

    public void Doubt(ViewRequest request) => Add(doubtful, request);

    /// <summary>Between these a title's count must lie: all that was acknowledged, and at most all whose outcome nobody learned.</summary>
    public (long Least, long Most) RangeOf(Guid title)
    {
        lock (gate)
        {
            var least = acknowledged.GetValueOrDefault(title);
            return (least, least + doubtful.GetValueOrDefault(title));
        }
    }

    private void Add(Dictionary<Guid, long> sums, ViewRequest request)
    {
        lock (gate)
        {
            foreach (var (title, count) in request.Views)
                CollectionsMarshal.GetValueRefOrAddDefault(sums, title, out _) += count;
        }
    }
}
