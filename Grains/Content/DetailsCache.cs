using Microsoft.Extensions.Options;

namespace Streaming.Content;

/// <summary>Bounds what all titles' details take on this silo: a queue in which those that were used get a second round.</summary>
internal sealed class DetailsCache(IOptions<ContentOptions> options)
{
    private const int MaxSecondRounds = 100;

    private readonly long limit = options.Value.MaxDetailsMegabytes * 1024L * 1024;
    private readonly Lock gate = new();
    private readonly Queue<(CachedDetails Details, int Bytes)> kept = new();
    private long total;

    public CachedDetails Keep(DetailsRendering rendering)
    {
        var details = new CachedDetails(rendering);
        lock (gate)
        {
            // At most so many second rounds in one go, so that this ends soon.
            var rounds = MaxSecondRounds;
            while (total + rendering.Bytes > limit && kept.TryDequeue(out var oldest))
            {
                if (oldest.Details.WasUsed() && rounds-- > 0)
                {
                    kept.Enqueue(oldest);
                    continue;
                }

                oldest.Details.Drop();
                total -= oldest.Bytes;
            }

            kept.Enqueue((details, rendering.Bytes));
            total += rendering.Bytes;
        }

        return details;
    }
}
