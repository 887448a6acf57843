using System.Net.Http.Headers;
using System.Text;

namespace Streaming.Tests.Http;

/// <summary>Sends requests and reads whole answers, within the running test's time.</summary>
internal sealed class Api(HttpClient http)
{
    public Uri Server => http.BaseAddress!;

    public Task<Answer> GetAsync(string path, params (string Name, string Value)[] headers) => SendAsync("GET", path, null, headers);

    public Task<Answer> PostAsync(string path, string? json = null, params (string Name, string Value)[] headers) =>
        SendAsync("POST", path, json is null ? null : Json(json), headers);

    public Task<Answer> PutAsync(string path, string json) => SendAsync("PUT", path, Json(json));

    public async Task<Answer> SendAsync(string method, string path, HttpContent? content, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative)) { Content = content };
        // A large body is refused before it is sent; without asking first, the refusal can be lost with the connection.
        request.Headers.ExpectContinue = content?.Headers.ContentLength > 64 * 1024;
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);

        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return new Answer(
            $"{method} {path}",
            (int)response.StatusCode,
            response.Content.Headers.ContentType?.ToString(),
            response.Headers.Concat(response.Content.Headers).ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase),
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>All pages from the first on, by their links.</summary>
    public async Task<List<Answer>> WalkAsync(string path, int maxPages = 500)
    {
        var pages = new List<Answer>();
        for (string? next = path; next is not null; next = pages[^1].Next)
        {
            Assert.True(pages.Count < maxPages, $"{path} has more than {maxPages} pages.");
            pages.Add((await GetAsync(next)).Is(200));
        }

        return pages;
    }

    public static StringContent Json(string json) => new(json, Encoding.UTF8, "application/json");

    public static ByteArrayContent Bytes(byte[] body, string? contentType)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = contentType is null ? null : MediaTypeHeaderValue.Parse(contentType);
        return content;
    }
}
