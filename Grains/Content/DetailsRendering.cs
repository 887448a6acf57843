using System.Text.Json;
using Streaming.Reviews;

namespace Streaming.Content;

/// <summary>What a title's details show besides its row and its live total, as JSON.</summary>
internal sealed class DetailsRendering
{
    private readonly byte[] reviews;
    private readonly byte[] rest;
    private readonly DateTimeOffset renderedAt;

    private DetailsRendering(byte[] reviews, byte[] rest, DateTimeOffset renderedAt)
    {
        this.reviews = reviews;
        this.rest = rest;
        this.renderedAt = renderedAt;
    }

    /// <param name="credits">UTF-8 JSON of the title's <see cref="ContentCredits"/>, whose fields join the details'.</param>
    public static DetailsRendering Render(byte[] credits, RenderedReviews reviews, DateTimeOffset now)
    {
        byte[] rest =
        [
            .. ","u8, .. credits.AsSpan()[1..^1],
            .. ",\"rating_summary\":"u8, .. reviews.Summary,
            .. ",\"reviews_total\":"u8, .. JsonSerializer.SerializeToUtf8Bytes(reviews.Total, StreamingJson.Contract.Int64),
            .. "}"u8,
        ];
        return new DetailsRendering(reviews.Reviews, rest, now);
    }

    /// <summary>
    /// Whether it may still be shown: the overall mean in its summary moves, and for a moment after a silo died a change
    /// may have been told to another activation.
    /// </summary>
    public bool IsFresh(TimeProvider time) => time.GetUtcNow() - renderedAt < RatingPrior.Lifetime;

    public RenderedDetails With(RenderedRow row, long views) => new(row.Row, reviews, views, rest);
}
