using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using Streaming.Tests.Http;

namespace Streaming.Tests.Processes;

/// <summary>
/// Somebody with an account who uploads, and who knows of each file what was answered: one that was acknowledged must be there,
/// one whose answer was lost may be, and none by half.
/// </summary>
internal sealed class Uploader : IDisposable
{
    public const int Megabyte = 1_048_576;

    private readonly ConcurrentDictionary<string, (byte[] File, bool IsSure)> files = new();
    private HttpClient http;

    private Uploader(Uri server, string token)
    {
        Token = token;
        http = Connect(server);
    }

    public string Token { get; }

    public Uri Server => http.BaseAddress!;

    /// <summary>Longer than any failure needs to pass.</summary>
    private static int PatienceSeconds => 60;

    private Api Api => new(http);

    private (string, string) Bearer => ("Authorization", "Bearer " + Token);

    public static async Task<Uploader> SignUpAsync(Uri server)
    {
        using var http = Connect(server);
        var api = new Api(http);
        var body = $$"""{"email":"{{Guid.NewGuid():N}}@example.com","password":"secret phrase"}""";
        (await api.PostAsync("/api/users/register", body)).Is(200);
        return new Uploader(server, (await api.PostAsync("/api/users/login", body)).IsJson().Json.GetProperty("token").GetString()!);
    }

    /// <summary>Goes on at another address.</summary>
    public void MoveTo(Uri server)
    {
        http.Dispose();
        http = Connect(server);
    }

    /// <summary>Uploads a whole file at once, and remembers it when it was taken.</summary>
    public async Task<Answer> UploadAsync(byte[] file, string title, Uri? server = null)
    {
        using var form = new MultipartFormDataContent();
        using var video = new ByteArrayContent(file) { Headers = { ContentType = new MediaTypeHeaderValue("video/mp4") } };
        form.Add(new StringContent(title), "\"title\"");
        form.Add(video, "\"video\"", "\"clip.mp4\"");
        using var other = server is null ? null : Connect(server);
        var answer = await new Api(other ?? http).SendAsync("POST", "/api/videos/upload", form, Bearer);
        if (answer.Status == 200)
            files[title] = (file, true);

        return answer;
    }

    /// <summary>The same, again until it is taken.</summary>
    public Task UploadAtLastAsync(byte[] file, string title) => Poll.UntilAsync(
        async () =>
        {
            try
            {
                return await UploadAsync(file, title) is { Status: not 200 } answer ? $"{answer.Status}: {answer.Text}" : null;
            }
            catch (HttpRequestException e)
            {
                return e.Message;
            }
        },
        PatienceSeconds);

    public Task<UnfinishedUpload> BeginAsync(byte[] file, string title, bool saysLength = true) =>
        UnfinishedUpload.BeginAsync(Server, Token, file, title, saysLength);

    /// <summary>Remembers what was answered to an upload that was <see cref="BeginAsync">begun</see>.</summary>
    public void Take(string title, byte[] file, int status)
    {
        if (status == 200)
            files[title] = (file, true);
        else if (status is 0 or 504)
            files[title] = (file, false);
    }

    public async Task<double> StoredMegabytesAsync() =>
        (await Api.GetAsync("/api/storage/usage", Bearer)).IsJson().Json.GetProperty("totalSizeMb").GetDouble();

    /// <summary>
    /// Waits until there is nothing but what was taken: in the list and in what is used, and in the folder of media, where every
    /// file is whole; then plays them all. Answers how many there are.
    /// </summary>
    /// <param name="media">The folder; null where it is not the test's.</param>
    public async Task<int> SettleAsync(string? media)
    {
        var videos = new Dictionary<string, JsonElement>();
        await Poll.UntilAsync(
            async () =>
            {
                videos = await ReadVideosAsync();
                return FindMissing(videos) ?? await FindWrongUsageAsync(videos) ?? (media is null ? null : FindLeftOver(media, videos));
            },
            PatienceSeconds);
        foreach (var (title, video) in videos)
        {
            using var answer = await http.GetAsync(new Uri(video.GetProperty("filepath").GetString()!), TestContext.Current.CancellationToken);
            Assert.Equal(200, (int)answer.StatusCode);
            Assert.Equal(files[title].File, await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        }

        return videos.Count;
    }

    public void Dispose() => http.Dispose();

    /// <summary>Waits until fronts have begun to write so many uploads that are under way.</summary>
    public static Task UntilSpooledAsync(string media, int count = 1) => Poll.UntilAsync(() =>
    {
        var incoming = new DirectoryInfo(Path.Combine(media, "incoming"));
        var begun = incoming.Exists ? incoming.EnumerateFiles().Count(file => file.Length > 0) : 0;
        return Task.FromResult(begun == count ? null : $"{begun} of {count} uploads come in");
    });

    private static HttpClient Connect(Uri server) => new() { BaseAddress = server, Timeout = TimeSpan.FromSeconds(60) };

    private async Task<Dictionary<string, JsonElement>> ReadVideosAsync()
    {
        var answer = await Api.GetAsync("/api/videos/stream?limit=200", Bearer);
        return answer.Status != 200 ? [] : answer.Json.GetProperty("videos").EnumerateArray().ToDictionary(video => video.GetProperty("title").GetString()!);
    }

    private string? FindMissing(Dictionary<string, JsonElement> videos)
    {
        if (files.Where(file => file.Value.IsSure).Select(file => file.Key).Except(videos.Keys).ToList() is { Count: > 0 } missing)
            return $"{string.Join(", ", missing)} was acknowledged and is not there";

        return videos.Keys.Except(files.Keys).ToList() is { Count: > 0 } refused ? $"{string.Join(", ", refused)} was refused and is there" : null;
    }

    private async Task<string?> FindWrongUsageAsync(Dictionary<string, JsonElement> videos)
    {
        var expected = videos.Keys.Sum(title => (double)files[title].File.Length) / Megabyte;
        var storage = await Api.GetAsync("/api/storage/usage", Bearer);
        var bandwidth = await Api.GetAsync("/api/usage/daily-usage", Bearer);
        if (storage.Status != 200 || bandwidth.Status != 200)
            return storage.Text + bandwidth.Text;

        var (stored, uploaded) = (storage.Json.GetProperty("totalSizeMb").GetDouble(), bandwidth.Json.GetProperty("totalUsageMb").GetDouble());
        return Math.Abs(stored - expected) < 1e-6 && Math.Abs(uploaded - expected) < 1e-6
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"{stored} MB are stored and {uploaded} MB uploaded today, not {expected}");
    }

    private string? FindLeftOver(string media, Dictionary<string, JsonElement> videos)
    {
        var left = new DirectoryInfo(media).EnumerateFiles("*", SearchOption.AllDirectories).ToDictionary(file => file.FullName, file => file.Length);
        foreach (var (title, video) in videos)
        {
            var found = left.Keys.Where(path => Path.GetFileName(path) == video.GetProperty("filename").GetString() + ".video").ToList();
            if (found.Count != 1 || left[found[0]] != files[title].File.Length)
                return $"{title} has the files {string.Join(", ", found)}";

            left.Remove(found[0]);
        }

        return left.Count == 0 ? null : $"{string.Join(", ", left.Keys)} is left over";
    }
}
