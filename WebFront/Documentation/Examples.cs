using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Streaming.Content;
using Streaming.Reviews;
using Streaming.Videos;
using Streaming.Viewing;
using Streaming.WebFront.Audit;
using Streaming.WebFront.Content;
using Streaming.WebFront.Reviews;
using Streaming.WebFront.Users;
using Streaming.WebFront.Videos;
using Streaming.WebFront.Viewing;

namespace Streaming.WebFront.Documentation;

/// <summary>One example of each body, made from the types themselves, so that the document cannot drift from the JSON.</summary>
internal static class Examples
{
    private static readonly Guid TitleId = Guid.Parse("012546ee-cd6f-179b-03c8-65ec6d990f98");
    private static readonly Guid PersonId = Guid.Parse("724e3433-2952-5094-0837-2c471a8f9d06");
    private static readonly Guid OtherId = Guid.Parse("019df4a2-6c20-7b64-9d0c-3a51f0c2be79");
    private static readonly DateTimeOffset Moment = new(2026, 5, 4, 20, 15, 0, TimeSpan.Zero);

    private static readonly ContentRow Row = new(
        TitleId, "The Fantastic Firewall", "The Fantastic Firewall", new DateTimeOffset(1999, 9, 29, 0, 0, 0, TimeSpan.Zero), 131, "movie",
        "Nobody remembers who lit it.", "https://images.example.com/firewall.jpg", "https://videos.example.com/firewall.mp4", "8.4", Moment, Moment);

    private static readonly Review Review =
        new("6b042a7efd7abd58dff9dc4d", TitleId, PersonId, 8, "Better than the book.", false, 0, Moment, [], 0);

    private static readonly LogRow Entry = new(
        Guid.Parse("019df4a2-6c20-7b64-9d0c-3a51f0c2be77"), PersonId, "LOGIN", "User logged in successfully", "UserAccountService", Moment, false);

    private static readonly ListedAccount Listed = new(PersonId, "karen@example.com", "karen35", Moment, "user", null);

    private const string Secret = "iSn4vWDyZk3Yw8zPL1qfGm0B7uHcXoA5tRbJ2eKd9Ls";

    private const string MediaSignature = "5f0c9a1e.1777940100.00bd47b8cc14503836bd938edce6b818.8d1f6b0a94c27e35d08b41f6a2c97e13";

    private static readonly Video Clip = new(
        Guid.Parse("019df4a2-6c20-7b64-9d0c-3a51f0c2be78"), PersonId, "Sunset over the harbour", VideoFormat.Mp4, 1_101_005, Moment, DurationSeconds: 12.5,
        InspectedAt: Moment, Playable: true, Codec: "avc1");

    private static readonly string ClipUrl = $"https://streaming.example.com/media/{MediaSignature}/{Clip.VideoId}.mp4";

    private static readonly QuotaUsage Usage = new(
        new QuotaLimits(50 * QuotaLimits.BytesPerMegabyte, 100 * QuotaLimits.BytesPerMegabyte, null, 200), new QuotaOverrides(), 1_101_005, 1_101_005, 8_388_608, 0, 0,
        new DateTimeOffset(2026, 5, 5, 0, 0, 0, TimeSpan.Zero), 1_101_005, 1_101_005, 1);

    private static readonly Dictionary<Type, object> Values = new object[]
    {
        Row,
        new ContentDetails(
            Row, [NamedReview.From(Review, "karen35")], 4_145, 12, [new Genre(14, "Science Fiction")],
            [new CastMember(PersonId, "Kiel Schuster", "actor", "Tara Oberbrunner")], new RatingSummary(1, 8, 5.71, 10, 5.48), 1, true),
        new[] { TitleId, PersonId },
        new[] { Review },
        new ReviewBody { UserId = PersonId, Rating = 8, Comment = "Better than the book.", IsSpoiler = false },
        new ReviewWritten("Review added successfully", Review),
        new[] { new TrendingTitle(TitleId, 992, "The Fantastic Firewall", "movie", "https://images.example.com/firewall.jpg") },
        new ViewsBody { Count = 25 },
        new ViewsRecorded("View count incremented", 25, 4_145),
        new[] { new ViewBatchEntry { ContentId = TitleId, Count = 3 }, new ViewBatchEntry { ContentId = TitleId, Count = 1, Key = "edge-7/2026-05-04/000123" } },
        new ViewBatchRecorded("Views recorded: 1 of 2 entries; see rejected", 1, 3, [new RejectedEntry(1, "Content not found")]),
        new[] { new WatchedTitle("karen35", "The Fantastic Firewall", Moment, 1_250, TitleId, 1_260, false) },
        new ProgressBody { PositionSeconds = 1_260.5, DurationSeconds = 7_860, SessionId = "tv-living-room-20260504", WatchedAt = Moment, Stopped = false },
        new ProgressSaved(TitleId, 1_260, false, 1_250, true, true),
        new ResumePosition(TitleId, 1_260, 7_860, false, Moment),
        new[] { new ResumePosition(TitleId, 1_260, 7_860, false, Moment) },
        new LogBody { Action = "SHARE_VIDEO", Description = "User shared a video", Service = "VideoPlayer" },
        new LogAdded("Log added successfully"),
        Entry,
        new LogList([Entry], 1),
        new Done("User registered successfully"),
        new RegisterBody { Email = "karen@example.com", Password = "a long sentence is best", Username = "karen35" },
        new LoginBody { Email = "karen@example.com", Password = "a long sentence is best" },
        new RefreshBody { RefreshToken = Secret },
        new ChangePasswordBody { CurrentPassword = "a long sentence is best", NewPassword = "and another one is, too" },
        new PasswordBody { Password = "a long sentence is best" },
        new RoleBody { Role = "admin" },
        new ApiKeyBody { Name = "edge-7" },
        new LoggedIn("Login successful", "eyJhbGciOiJIUzI1NiIs…", Secret, 3600, Moment.AddDays(30)),
        new ProfileAnswer(new Profile(PersonId, "karen@example.com", "karen35", Moment, "user")),
        new[] { new Session(PersonId, "Mozilla/5.0 (X11; Linux x86_64)", Moment, Moment, Moment.AddDays(30), true) },
        new ExportedAccount(Listed, [], [], [], [], [], [], [], []),
        new[] { Listed },
        new[] { new ListedApiKey(TitleId, "edge-7", PersonId, Moment, null) },
        new ApiKeyMade(TitleId, "edge-7", Moment, Secret),
        new VideoList([VideoRow.Of(Clip, ClipUrl)], 1),
        new DeletedVideoList([DeletedVideoRow.Of(Clip with { DeletedAt = Moment.AddDays(1), RemovedAt = Moment.AddDays(8) })]),
        StorageUsage.Of(Usage),
        DailyUsage.Of(Usage),
        new QuotaMegabytes { StorageMb = 200, DailyUploadMb = 400, Videos = 1_000 },
        QuotaAnswer.Of(PersonId, Usage),
        new PlayableVideo(ClipUrl),
        new UploadBody { Video = "(the file's bytes)", Title = Clip.Title },
        new VideoUploaded("File uploaded successfully", UploadedFile.Of(Clip, "holidays.mp4", ClipUrl)),
    }.ToDictionary(value => value.GetType());

    private static readonly JsonSerializerOptions Json = new(StreamingJson.Contract.Options)
    {
        TypeInfoResolver = JsonTypeInfoResolver.Combine(StreamingJson.Contract, FrontJson.Contract),
    };

    /// <summary>
    /// A part of a path: of titles and people, one that is in the demo data, however much there is of it. The others are made
    /// by whoever tries the route.
    /// </summary>
    public static string OfPath(string name) => name switch
    {
        "id" or "contentId" => TitleId.ToString(),
        "userId" or "uid" => PersonId.ToString(),
        "filename" => Clip.VideoId.ToString(),
        "sessionId" => AccountApi.CurrentSession,
        "keyId" => OtherId.ToString(),
        _ => throw new InvalidOperationException($"Path parameter {name} has no example; add it here."),
    };

    /// <exception cref="InvalidOperationException">A body's type has no example yet.</exception>
    public static JsonNode? Of(Type? type)
    {
        if (type is null || !Values.TryGetValue(type, out var value))
            throw new InvalidOperationException($"{type} has no example; add one here.");

        return JsonSerializer.SerializeToNode(value, Json.GetTypeInfo(type));
    }
}
