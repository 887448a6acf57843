using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Streaming.Reviews;

/// <summary>A review as the public contract shows it; the field names are those of the document store.</summary>
/// <param name="Id">24 hexadecimal digits; ascending with time.</param>
/// <param name="Rating">1 to 10.</param>
/// <param name="Comment">Left out of the JSON when there is none.</param>
[GenerateSerializer, Immutable, Alias("review")]
public sealed record Review(
    [property: Id(0), JsonPropertyName("_id")] string Id,
    [property: Id(1)] Guid ContentId,
    [property: Id(2)] Guid UserId,
    [property: Id(3)] double Rating,
    [property: Id(4), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Comment,
    [property: Id(5)] bool IsSpoiler,
    [property: Id(6)] int LikesCount,
    [property: Id(7)] DateTimeOffset CreatedAt,
    [property: Id(8)] ImmutableArray<string> Replies,
    [property: Id(9), JsonPropertyName("__v")] int Version);

/// <summary>A <see cref="Review"/> with its author's display name, as a title's details show it.</summary>
public sealed record NamedReview(
    [property: JsonPropertyName("_id")] string Id,
    Guid ContentId,
    Guid UserId,
    string? Username,
    double Rating,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Comment,
    bool IsSpoiler,
    int LikesCount,
    DateTimeOffset CreatedAt,
    ImmutableArray<string> Replies,
    [property: JsonPropertyName("__v")] int Version)
{
    public static NamedReview From(Review review, string? username) => new(
        review.Id, review.ContentId, review.UserId, username, review.Rating, review.Comment, review.IsSpoiler,
        review.LikesCount, review.CreatedAt, review.Replies, review.Version);
}

/// <summary>What users' reviews say of a title.</summary>
/// <param name="Mean">Plain mean of the ratings, two decimals; null without reviews.</param>
/// <param name="Weighted">
/// (v·R + m·C) / (v + m), two decimals: R the mean, v the count, C the mean over all titles' reviews, m the weight of
/// that prior in reviews (the Bayesian average that film databases rank by). C itself while there are no reviews.
/// </param>
/// <param name="PriorWeight">m.</param>
/// <param name="PriorMean">C.</param>
[GenerateSerializer, Immutable, Alias("rating-summary")]
public sealed record RatingSummary(
    [property: Id(0)] long Count,
    [property: Id(1)] double? Mean,
    [property: Id(2)] double? Weighted,
    [property: Id(3)] double PriorWeight,
    [property: Id(4)] double PriorMean);
