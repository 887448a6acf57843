using System.IO.Compression;
using System.Text.Json;

namespace Streaming.Tests.Http;

[Collection(HttpTests.Name)]
public sealed class CompressionTests(StreamingApplication application)
{
    private static readonly (string, string) All = ("Accept-Encoding", "gzip, br");

    private readonly Api api = application.Api;

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("br;q=0, gzip;q=0.5")]
    public async Task Large_JSON_is_compressed_as_the_client_says(string accepted)
    {
        foreach (var path in (string[])["/openapi/v1.json", "/api/v1/content/ids", "/api/v1/content/ids?limit=10000"])
        {
            var plain = (await api.GetAsync(path)).Is(200);

            var (encoding, vary, bytes) = await GetAsync(path, accepted);

            Assert.Equal(accepted == "br" ? "br" : "gzip", encoding);
            Assert.Contains("Accept-Encoding", vary);
            // Ids are random digits, of which little can be saved.
            Assert.True(bytes.Length < plain.Text.Length * 9 / 10, $"{path}: {bytes.Length} of {plain.Text.Length} bytes");
            Assert.True(JsonElement.DeepEquals(plain.Json, JsonElement.Parse(Expand(encoding!, bytes))));
        }
    }

    [Fact]
    public async Task Exports_are_compressed_as_they_come()
    {
        (await api.PostAsync("/api/logs/add", """{"action":"A","description":"d","service":"S"}""", application.Token(application.UserIds[0]))).Is(201);

        var (encoding, _, bytes) = await GetAsync("/api/logs/export", "gzip", application.Administrator());

        Assert.Equal("gzip", encoding);
        Assert.All(Expand("gzip", bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries), line => JsonElement.Parse(line));
    }

    [Fact]
    public async Task Answers_that_may_be_compressed_say_so_to_who_asks_for_them_plain_too()
    {
        foreach (var path in (string[])["/openapi/v1.json", "/api/v1/content/ids?limit=3", "/api/v1/content/trending/daily", $"/api/v1/content/{application.ContentIds[0]}/reviews"])
        {
            foreach (var headers in ((string, string)[][])[[], [("Accept-Encoding", "identity")], [("Origin", "null")]])
            {
                var answer = (await api.GetAsync(path, headers)).Is(200);

                Assert.DoesNotContain("Content-Encoding", answer.Headers.Keys);
                Assert.Equal(["Accept-Encoding", "Origin"], answer.Headers["Vary"].Split(',', StringSplitOptions.TrimEntries).Order(StringComparer.Ordinal));
            }
        }
    }

    [Fact]
    public async Task Small_answers_and_a_titles_own_are_sent_as_they_are()
    {
        var title = application.ContentIds[0];
        foreach (var path in (string[])["/api/v1/content/ids?limit=20", $"/api/v1/content/{title}", $"/api/v1/content/{title}/details", "/health/ready"])
            Assert.DoesNotContain("Content-Encoding", (await api.GetAsync(path, All)).Is(200).Headers.Keys);

        (await api.GetAsync("/api/v1/content/ids?limit=0", All)).IsProblem(400, "limit");
    }

    /// <summary>The length of what is compressed tells of a secret that stands beside somebody else's text.</summary>
    [Fact]
    public async Task Answers_with_secrets_are_never_compressed()
    {
        var video = await StoredVideo.MakeAsync(application);
        var owner = application.Token(video.Owner);
        foreach (var path in (string[])["/api/videos/stream", $"/api/videos/user/{video.Owner}", "/api/videos/deleted", $"/api/videos/stream/{video.Id}", "/api/users/sessions"])
            Assert.DoesNotContain("Content-Encoding", (await api.GetAsync(path, owner, All)).Is(200).Headers.Keys);

        foreach (var path in (string[])["/api/admin/api-keys", "/api/admin/users"])
            Assert.DoesNotContain("Content-Encoding", (await api.GetAsync(path, application.Administrator(), All)).Is(200).Headers.Keys);

        Assert.DoesNotContain("Content-Encoding", (await api.PostAsync("/api/users/login", """{"email":"a@example.com","password":"abcdef"}""", All)).Headers.Keys);
    }

    private async Task<(string? Encoding, string[] Vary, byte[] Bytes)> GetAsync(string path, string accepted, (string Name, string Value)? caller = null)
    {
        using var http = new HttpClient { BaseAddress = api.Server };
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept-Encoding", accepted);
        if (caller is { } token)
            request.Headers.TryAddWithoutValidation(token.Name, token.Value);

        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(200, (int)response.StatusCode);
        return (
            response.Content.Headers.ContentEncoding.SingleOrDefault(), [.. response.Headers.Vary],
            await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    private static string Expand(string encoding, byte[] bytes)
    {
        using var source = new MemoryStream(bytes);
        using Stream expanding = encoding == "br" ? new BrotliStream(source, CompressionMode.Decompress) : new GZipStream(source, CompressionMode.Decompress);
        using var reader = new StreamReader(expanding);
        return reader.ReadToEnd();
    }
}
