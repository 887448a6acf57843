using System.Collections.Immutable;

namespace Streaming.Content;

/// <summary>A title's metadata, in the field order of the public contract.</summary>
/// <param name="ReleaseDate">Midnight UTC of the day of release.</param>
/// <param name="DurationMinutes">Null where it makes no sense, as for a series.</param>
/// <param name="ContentType"><c>movie</c>, <c>series</c> or <c>documentary</c>.</param>
/// <param name="Rating">The editors' rating, 0.0 to 10.0, as a string with one decimal.</param>
[GenerateSerializer, Immutable, Alias("content-row")]
public sealed record ContentRow(
    [property: Id(0)] Guid ContentId,
    [property: Id(1)] string Title,
    [property: Id(2)] string? OriginalTitle,
    [property: Id(3)] DateTimeOffset? ReleaseDate,
    [property: Id(4)] int? DurationMinutes,
    [property: Id(5)] string ContentType,
    [property: Id(6)] string? Summary,
    [property: Id(7)] string? ThumbnailUrl,
    [property: Id(8)] string? TrailerUrl,
    [property: Id(9)] string? Rating,
    [property: Id(10)] DateTimeOffset CreatedAt,
    [property: Id(11)] DateTimeOffset UpdatedAt);

[GenerateSerializer, Immutable, Alias("genre")]
public sealed record Genre([property: Id(0)] int GenreId, [property: Id(1)] string Name);

/// <param name="Role">What the person is: <c>actor</c>, <c>director</c>, <c>writer</c>…</param>
/// <param name="CharacterName">The part played; null for crew.</param>
[GenerateSerializer, Immutable, Alias("cast-member")]
public sealed record CastMember(
    [property: Id(0)] Guid PersonId,
    [property: Id(1)] string Name,
    [property: Id(2)] string? Role,
    [property: Id(3)] string? CharacterName);

/// <summary>Genres by name, cast by name.</summary>
[GenerateSerializer, Immutable, Alias("content-credits")]
public sealed record ContentCredits(
    [property: Id(0)] ImmutableArray<Genre> Genres,
    [property: Id(1)] ImmutableArray<CastMember> Cast);

/// <summary>A title's metadata as the front sends it on: JSON that its grain renders once and keeps.</summary>
/// <param name="Row">UTF-8 JSON of the <see cref="ContentRow"/>. Shared with the grain's cache: never written to.</param>
/// <param name="Version">Its <see cref="ContentVersion"/>; 0 from a silo that tells none.</param>
[GenerateSerializer, Immutable, Alias("rendered-row")]
public sealed record RenderedRow([property: Id(0)] byte[] Row, [property: Id(1)] ulong Version = 0);

/// <summary>A title's details as pieces of JSON, shared with its grain's cache: never written to.</summary>
/// <param name="Row">The <see cref="ContentRow"/>.</param>
/// <param name="Reviews">The newest reviews, an array.</param>
/// <param name="Views">The live view total, which changes all the time and so is no part of what is kept.</param>
/// <param name="Watching">Sessions that watch now; likewise.</param>
/// <param name="Rest">All further fields, from the comma before the first to the closing brace.</param>
/// <param name="Version">The <see cref="ContentVersion"/> of all but the live numbers; 0 from a silo that tells none.</param>
[GenerateSerializer, Immutable, Alias("rendered-details")]
public sealed record RenderedDetails(
    [property: Id(0)] byte[] Row,
    [property: Id(1)] byte[] Reviews,
    [property: Id(2)] long Views,
    [property: Id(3)] int Watching,
    [property: Id(4)] byte[] Rest,
    [property: Id(5)] ulong Version = 0);
