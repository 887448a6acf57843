using System.Text.Json;
using Streaming.Reviews;

namespace Streaming.Content;

/// <summary>A title's details as JSON, in two parts around the live total.</summary>
internal sealed class DetailsRendering
{
    private readonly byte[] head;
    private readonly byte[] tail;
    private readonly DateTimeOffset renderedAt;

    private DetailsRendering(byte[] head, byte[] tail, DateTimeOffset renderedAt)
    {
        this.head = head;
        this.tail = tail;
        this.renderedAt = renderedAt;
    }

    public static byte[] RenderRow(ContentRow row) => JsonSerializer.SerializeToUtf8Bytes(row, StreamingJson.Contract.ContentRow);

    public static DetailsRendering Render(ContentDocument title, RenderedReviews reviews, DateTimeOffset now)
    {
        // The credits are an object of genres and cast; without its braces its fields join these.
        var credits = JsonSerializer.SerializeToUtf8Bytes(title.Credits, StreamingJson.Contract.ContentCredits).AsSpan()[1..^1];
        byte[] head = [.. "{\"metadata\":"u8, .. RenderRow(title.Row), .. ",\"reviews\":"u8, .. reviews.Reviews, .. ",\"real_time_views\":"u8];
        byte[] tail =
        [
            .. ","u8, .. credits,
            .. ",\"rating_summary\":"u8, .. reviews.Summary,
            .. ",\"reviews_total\":"u8, .. JsonSerializer.SerializeToUtf8Bytes(reviews.Total, StreamingJson.Contract.Int64),
            .. "}"u8,
        ];
        return new DetailsRendering(head, tail, now);
    }

    /// <summary>
    /// Whether it may still be shown: the overall mean in its summary moves, and for a moment after a silo died a change
    /// may have been told to another activation.
    /// </summary>
    public bool IsFresh(TimeProvider time) => time.GetUtcNow() - renderedAt < RatingPrior.Lifetime;

    public RenderedDetails With(long views) => new(head, views, tail);
}
