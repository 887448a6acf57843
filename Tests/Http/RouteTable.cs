namespace Streaming.Tests.Http;

/// <summary>A route, and who may use it.</summary>
/// <param name="Policy">As <c>RoutePolicy</c> names itself.</param>
/// <param name="TakesInput">Whether a request to it can be bad.</param>
/// <param name="IsDocumented">Whether the OpenAPI document has it.</param>
internal sealed record ListedRoute(string Name, string Policy, bool TakesInput = true, bool IsDocumented = true)
{
    public string Method => Name[..Name.IndexOf(' ', StringComparison.Ordinal)];

    public string Path => Name[(Name.IndexOf(' ', StringComparison.Ordinal) + 1)..];

    /// <summary>Who says nothing of themselves gets in, at least in Development.</summary>
    public bool IsOpen => Policy == "public" || Policy.EndsWith(" or open access", StringComparison.Ordinal);
}

/// <summary>Every route of the program. One that is mapped must be here.</summary>
internal static class RouteTable
{
    private static readonly ListedRoute[] WithoutHead =
    [
        new("GET /", "public", TakesInput: false, IsDocumented: false),
        new("GET /health/live", "public", TakesInput: false, IsDocumented: false),
        new("GET /health/ready", "public", TakesInput: false, IsDocumented: false),
        new("GET /openapi/v1.json", "public", TakesInput: false, IsDocumented: false),
        new("GET /api/v1/content/ids", "public"),
        new("GET /api/v1/content/{id}", "public"),
        new("GET /api/v1/content/{id}/details", "public"),
        new("GET /api/v1/content/{id}/reviews", "public"),
        new("POST /api/v1/content/{id}/reviews", "user or open access"),
        new("GET /api/v1/content/trending/hourly", "public"),
        new("GET /api/v1/content/trending/daily", "public"),
        new("GET /api/v1/content/trending/weekly", "public"),
        new("POST /api/v1/content/{id}/views/increment", "public"),
        new("POST /api/v1/content/{id}/views", "collector or open access"),
        new("POST /api/v1/views", "collector or open access"),
        new("GET /api/v1/content/users/ids", "administrator or open access"),
        new("GET /api/v1/content/users/{userId}/watch-history", "owner or open access"),
        new("GET /api/v1/users/{userId}/progress", "owner or open access"),
        new("GET /api/v1/users/{userId}/progress/{contentId}", "owner or open access"),
        new("PUT /api/v1/users/{userId}/progress/{contentId}", "owner or open access"),
        new("POST /api/v1/users/{userId}/progress/{contentId}", "owner or open access"),
        new("DELETE /api/v1/users/{userId}/progress/{contentId}", "owner or open access"),
        new("POST /api/users/register", "public"),
        new("POST /api/users/login", "public"),
        new("POST /api/users/refresh", "public"),
        new("POST /api/users/logout", "user", TakesInput: false),
        new("POST /api/users/password", "user"),
        new("GET /api/users/user/{userId}", "user"),
        new("GET /api/users/sessions", "user", TakesInput: false),
        new("DELETE /api/users/sessions", "user", TakesInput: false),
        new("DELETE /api/users/sessions/{sessionId}", "user"),
        new("DELETE /api/users/me", "user"),
        new("GET /api/users/me/export", "user", TakesInput: false),
        new("GET /api/admin/users", "administrator"),
        new("POST /api/admin/users/{userId}/ban", "administrator"),
        new("POST /api/admin/users/{userId}/unban", "administrator"),
        new("PUT /api/admin/users/{userId}/role", "administrator"),
        new("DELETE /api/admin/users/{userId}", "administrator"),
        new("GET /api/users/me", "user", TakesInput: false),
        new("GET /api/admin/api-keys", "administrator", TakesInput: false),
        new("POST /api/admin/api-keys", "administrator"),
        new("DELETE /api/admin/api-keys/{keyId}", "administrator"),
        new("GET /api/admin/users/{userId}/quota", "administrator"),
        new("PUT /api/admin/users/{userId}/quota", "administrator"),
        new("DELETE /api/admin/users/{userId}/quota", "administrator"),
        new("GET /api/videos/stream", "user"),
        new("GET /api/videos/user/{uid}", "owner"),
        new("GET /api/videos/deleted", "user"),
        // Answers what is no id, too, with the words of the system before: 403.
        new("DELETE /api/videos/delete/{filename}", "user", TakesInput: false),
        new("DELETE /api/videos/delete-all", "user", TakesInput: false),
        new("POST /api/videos/restore/{filename}", "user"),
        new("GET /api/storage/usage", "user", TakesInput: false),
        new("GET /api/usage/daily-usage", "user", TakesInput: false),
        new("POST /api/videos/upload", "user"),
        new("POST /api/logs/add", "user"),
        new("GET /api/logs/all", "administrator"),
        new("GET /api/logs/user/{uid}", "owner"),
        new("GET /api/logs/export", "administrator"),
        new("GET /api/logs/user/{uid}/export", "owner"),
        new("GET /api/videos/stream/{filename}", "user", TakesInput: false),
        new("GET /media/{signature}/{file}", "public", TakesInput: false, IsDocumented: false),
        // The dashboard's, which its cookie protects. A version of the package that brings another one is looked at first.
        new("GET /dashboard", "elsewhere", TakesInput: false, IsDocumented: false),
        new("GET /dashboard/ClusterStats", "elsewhere", TakesInput: false, IsDocumented: false),
        new("GET /dashboard/DashboardCounters", "elsewhere", TakesInput: false, IsDocumented: false),
        new("GET /dashboard/GrainState", "elsewhere", TakesInput: false, IsDocumented: false),
        new("GET /dashboard/GrainStats/{*grainName}", "elsewhere", TakesInput: false, IsDocumented: false),
        new("GET /dashboard/GrainTypes", "elsewhere", TakesInput: false, IsDocumented: false),
        new("GET /dashboard/HistoricalStats/{*path}", "elsewhere", TakesInput: false, IsDocumented: false),
        new("GET /dashboard/LifecycleStages", "elsewhere", TakesInput: false, IsDocumented: false),
        new("GET /dashboard/Reminders", "elsewhere", TakesInput: false, IsDocumented: false),
        new("GET /dashboard/Reminders/{page:int}", "elsewhere", TakesInput: false, IsDocumented: false),
        new("GET /dashboard/SiloCounters/{*address}", "elsewhere", TakesInput: false, IsDocumented: false),
        new("GET /dashboard/SiloMetadata/{*address}", "elsewhere", TakesInput: false, IsDocumented: false),
        new("GET /dashboard/SiloProperties/{*address}", "elsewhere", TakesInput: false, IsDocumented: false),
        new("GET /dashboard/SiloStats/{*address}", "elsewhere", TakesInput: false, IsDocumented: false),
        new("GET /dashboard/TopGrainMethods", "elsewhere", TakesInput: false, IsDocumented: false),
        new("GET /dashboard/Trace", "elsewhere", TakesInput: false, IsDocumented: false),
        new("GET /dashboard/favicon.ico", "elsewhere", TakesInput: false, IsDocumented: false),
        new("GET /dashboard/fonts/{**path}", "elsewhere", TakesInput: false, IsDocumented: false),
        new("GET /dashboard/img/{**path}", "elsewhere", TakesInput: false, IsDocumented: false),
        new("GET /dashboard/index.css", "elsewhere", TakesInput: false, IsDocumented: false),
        new("GET /dashboard/index.html", "elsewhere", TakesInput: false, IsDocumented: false),
        new("GET /dashboard/index.min.js", "elsewhere", TakesInput: false, IsDocumented: false),
        new("GET /dashboard/sign-in", "elsewhere", TakesInput: false, IsDocumented: false),
        new("GET /dashboard/sign-out", "elsewhere", TakesInput: false, IsDocumented: false),
        new("GET /dashboard/version", "elsewhere", TakesInput: false, IsDocumented: false),
        new("POST /dashboard/sign-in", "elsewhere", TakesInput: false, IsDocumented: false),
        new("POST /dashboard/sign-out", "elsewhere", TakesInput: false, IsDocumented: false),
    ];

    /// <summary>Each that is GET is HEAD too, by the same policy.</summary>
    public static IReadOnlyList<ListedRoute> All { get; } =
    [
        .. WithoutHead,
        .. WithoutHead.Where(route => route.Method == "GET").Select(route => route with { Name = "HEAD " + route.Path, TakesInput = false, IsDocumented = false }),
    ];

    /// <summary>A path of the route, with ids for its places.</summary>
    public static string Fill(string route, Guid title, Guid user) => route
        .Replace("{id}", title.ToString(), StringComparison.Ordinal)
        .Replace("{contentId}", title.ToString(), StringComparison.Ordinal)
        .Replace("{filename}", title.ToString(), StringComparison.Ordinal)
        .Replace("{sessionId}", user.ToString(), StringComparison.Ordinal)
        .Replace("{keyId}", user.ToString(), StringComparison.Ordinal)
        .Replace("{uid}", user.ToString(), StringComparison.Ordinal)
        .Replace("{userId}", user.ToString(), StringComparison.Ordinal)
        .Replace("{page:int}", "1", StringComparison.Ordinal)
        .Replace("{*grainName}", "grain", StringComparison.Ordinal)
        .Replace("{*path}", "path", StringComparison.Ordinal)
        .Replace("{**path}", "path", StringComparison.Ordinal)
        .Replace("{*address}", "address", StringComparison.Ordinal);
}
