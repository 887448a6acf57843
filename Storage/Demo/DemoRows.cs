namespace Streaming.Storage.Demo;

internal readonly record struct DemoPerson(Guid Id, string Name, string Email, DateTimeOffset RegisteredAt);

internal readonly record struct DemoSession(Guid Id, Guid UserId, Guid ContentId, DateTimeOffset WatchedAt, int Seconds);

/// <param name="Number">From 0 on; the same for the same review, whenever it is made.</param>
internal readonly record struct DemoReview(int Number, Guid ContentId, Guid UserId, int Rating, string Comment, DateTimeOffset CreatedAt);

internal readonly record struct DemoCastMember(Guid Id, string Name, string Role, string Biography, DateOnly BornOn);

internal sealed record DemoTitle(
    Guid Id,
    string Name,
    DateOnly ReleasedOn,
    int? Minutes,
    string Type,
    string Summary,
    double Rating,
    DateTimeOffset CreatedAt,
    IReadOnlyList<int> GenreIds,
    IReadOnlyList<DemoCredit> Credits)
{
    public string ThumbnailUrl => $"https://images.example.com/{Id}.jpg";

    public string TrailerUrl => $"https://videos.example.com/{Id}.mp4";
}

internal readonly record struct DemoCredit(Guid PersonId, string? Character);

internal sealed record DemoViews(Guid ContentId, IReadOnlyList<DemoDay> Days)
{
    public int Total => Days.Sum(day => day.Views);
}

internal readonly record struct DemoDay(DateOnly Date, int Views, int Minutes);
