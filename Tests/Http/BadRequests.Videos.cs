using static Streaming.Tests.Http.BadRequest;

namespace Streaming.Tests.Http;

internal static partial class BadRequests
{
    private static IEnumerable<BadRequest> Videos()
    {
        const string Quota = "/api/admin/users/{userId}/quota";
        const string Set = "PUT " + Quota;
        const string Path = "/api/admin/users/{user}/quota";
        string[] noMegabytes = [.. NoNumbers.Except(["\"\"", "null"]), .. NoWholeNumbers];
        return
        [
            .. Lists("GET /api/videos/stream", "/api/videos/stream"),
            .. Lists("GET /api/videos/user/{uid}", "/api/videos/user/{user}"),
            .. Ids("GET /api/videos/user/{uid}", "/api/videos/user/", "", "uid"),
            .. Limits("GET /api/videos/deleted", "/api/videos/deleted?limit="),
            .. Queries("GET /api/videos/deleted", "/api/videos/deleted?cursor=", "cursor", BadCursors),
            .. Ids("POST /api/videos/restore/{filename}", "/api/videos/restore/", "", "filename"),
            Unknown("POST /api/videos/restore/{filename}", $"/api/videos/restore/{Guid.Empty}"),
            .. Ids("GET " + Quota, "/api/admin/users/", "/quota", "userId"),
            .. Ids("DELETE " + Quota, "/api/admin/users/", "/quota", "userId"),
            .. Ids(Set, "/api/admin/users/", "/quota", "userId", """{"storage_mb":1}"""),
            .. Bodies(Set, Path, BodyLimit),
            new(Set, "unknown field", Path, 400, "storageMb", Utf8("""{"storageMb":300}"""), Json),
            new(Set, "unknown field beside a known one", Path, 400, "foo", Utf8("""{"storage_mb":300,"foo":1}"""), Json),
            new(Set, "unknown field of a form", Path, 400, "storageMb", Utf8("storageMb=300"), UrlEncoded),
            new(Set, "no field", Path, 400, "storage_mb", Utf8("{}"), Json),
            .. Fields(Set, Path, "storage_mb", [.. noMegabytes, "1000001"], """{"storage_mb":VALUE}"""),
            .. Fields(Set, Path, "daily_upload_mb", [.. noMegabytes, "1000001"], """{"daily_upload_mb":VALUE}"""),
            .. Fields(Set, Path, "daily_download_mb", [.. noMegabytes, "100000001"], """{"daily_download_mb":VALUE}"""),
        ];
    }

    private static IEnumerable<BadRequest> Lists(string route, string path) =>
    [
        .. Queries(route, path + "?start=", "start", ["", "-1", "1.5", "2147483648", "ten", "%00", "0&limit=5"]),
        .. Limits(route, path + "?limit="),
        .. Queries(route, path + "?cursor=", "cursor", BadCursors),
    ];
}
