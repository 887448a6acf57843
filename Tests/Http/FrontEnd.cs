using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Streaming.Tests.Http;

/// <summary>
/// What the second system's front end does: every request that it makes, from a page of another origin, and how it reads the
/// answers. It looks at no status but whether it is a success, and shows <c>message</c>.
/// </summary>
internal sealed class FrontEnd(Uri server) : IDisposable
{
    public const string Password = "correct horse";
    public const int PageOfProfile = 4;
    public const int PageOfLogs = 100;

    private const string Origin = "http://localhost:3001";

    private readonly HttpClient http = new() { BaseAddress = server };
    private string? authToken;

    public Task<JsonElement> RegisterAsync(string email, string username) =>
        CallAsync("POST", "/api/users/register", Api.Json($$"""{"email":"{{email}}","password":"{{Password}}","username":"{{username}}"}"""));

    /// <summary>The payload as <c>JSON.parse(atob(token.split('.')[1]))</c> has it.</summary>
    public async Task<JsonElement> LogInAsync(string email)
    {
        var answer = await CallAsync("POST", "/api/users/login", Api.Json($$"""{"email":"{{email}}","password":"{{Password}}"}"""));
        authToken = answer.GetProperty("token").GetString()!;
        var payload = authToken.Split('.')[1];
        // atob knows neither of them, and does without padding.
        Assert.DoesNotContain('-', payload);
        Assert.DoesNotContain('_', payload);
        return JsonElement.Parse(Encoding.Latin1.GetString(Convert.FromBase64String(payload.PadRight((payload.Length + 3) / 4 * 4, '='))));
    }

    public Task<JsonElement> VideosAsync() => CallAsync("GET", "/api/videos/stream?start=0");

    public Task<JsonElement> StorageAsync() => CallAsync("GET", "/api/storage/usage");

    public Task<JsonElement> BandwidthAsync() => CallAsync("GET", "/api/usage/daily-usage");

    public Task<JsonElement> UserAsync(string id) => CallAsync("GET", $"/api/users/user/{id}");

    public Task<JsonElement> VideosOfAsync(string id, int page) => CallAsync("GET", $"/api/videos/user/{id}?start={page * PageOfProfile}");

    public Task<JsonElement> StreamAsync(string filename) => CallAsync("GET", $"/api/videos/stream/{filename}");

    public Task<JsonElement> DeleteAsync(string filename) => CallAsync("DELETE", $"/api/videos/delete/{filename}");

    public Task<JsonElement> DeleteAllAsync() => CallAsync("DELETE", "/api/videos/delete-all");

    public Task<JsonElement> LogsAsync(string id, int page = 0) => CallAsync("GET", $"/api/logs/user/{id}?start={page * PageOfLogs}");

    public Task<JsonElement> AllLogsAsync(int page = 0) => CallAsync("GET", $"/api/logs/all?start={page * PageOfLogs}");

    /// <summary>As <c>FormData</c> is sent.</summary>
    public async Task<JsonElement> UploadAsync(byte[] file, string title)
    {
        using var form = new MultipartFormDataContent();
        using var video = new ByteArrayContent(file) { Headers = { ContentType = new MediaTypeHeaderValue("video/mp4") } };
        form.Add(video, "\"video\"", "\"a clip of mine.mp4\"");
        form.Add(new StringContent(title), "\"title\"");
        return await CallAsync("POST", "/api/videos/upload", form);
    }

    /// <summary>The words that it shows for a request that fails.</summary>
    public static async Task<string> MessageOfAsync(Task<JsonElement> request) =>
        (await Assert.ThrowsAsync<FrontEndException>(() => request)).Message;

    /// <summary>What an <c>img</c> or <c>video</c> element gets: without a token.</summary>
    public async Task<(int Status, string? Type, byte[] Bytes)> LoadAsync(string url, string? range = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(url, UriKind.Absolute));
        if (range is not null)
            request.Headers.Add("Range", range);

        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return ((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType, await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    /// <summary><c>n.toFixed(2)</c>, which only numbers have.</summary>
    public static string ToFixed(JsonElement number)
    {
        Assert.Equal(JsonValueKind.Number, number.ValueKind);
        return number.GetDouble().ToString("F2", CultureInfo.InvariantCulture);
    }

    /// <summary><c>filepath.replace('.mp4', '.jpg')</c>, which replaces the first.</summary>
    public static string ImageOf(string filepath)
    {
        Assert.EndsWith(".mp4", filepath, StringComparison.Ordinal);
        var at = filepath.IndexOf(".mp4", StringComparison.Ordinal);
        return string.Concat(filepath.AsSpan(0, at), ".jpg", filepath.AsSpan(at + 4));
    }

    public void Dispose() => http.Dispose();

    private async Task<JsonElement> CallAsync(string method, string path, HttpContent? content = null)
    {
        (string, string)[] headers = authToken is null ? [("Origin", Origin)] : [("Origin", Origin), ("Authorization", "Bearer " + authToken)];
        await AskFirstAsync(method, path);
        var answer = await new Api(http).SendAsync(method, path, content, headers);
        Assert.Equal(Origin, answer.Headers.GetValueOrDefault("Access-Control-Allow-Origin"));
        if (answer.Status is < 200 or > 299)
            throw new FrontEndException(answer.Json.GetProperty("message").GetString()!);

        return answer.Json;
    }

    /// <summary>As a browser does before a request of another origin with a token.</summary>
    private async Task AskFirstAsync(string method, string path)
    {
        var preflight = await new Api(http).SendAsync(
            "OPTIONS", path, null, ("Origin", Origin), ("Access-Control-Request-Method", method), ("Access-Control-Request-Headers", "authorization,content-type"));
        Assert.Equal(Origin, preflight.Headers.GetValueOrDefault("Access-Control-Allow-Origin"));
        Assert.Contains(method, preflight.Headers["Access-Control-Allow-Methods"], StringComparison.Ordinal);
        Assert.Contains("Authorization", preflight.Headers["Access-Control-Allow-Headers"], StringComparison.OrdinalIgnoreCase);
    }
}

/// <summary>An answer that was no success; its message is what a person reads.</summary>
internal sealed class FrontEndException(string message) : Exception(message);
