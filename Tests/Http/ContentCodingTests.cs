using System.IO.Compression;
using System.Text;

namespace Streaming.Tests.Http;

/// <summary>Bodies that are compressed, or not in plain UTF-8.</summary>
[Collection(HttpTests.Name)]
public sealed class ContentCodingTests(StreamingApplication application)
{
    private const string Batch = "/api/v1/views";
    private const string Json = "application/json";

    private readonly Api api = application.Api;
    private readonly Guid title = application.ContentIds[^1];

    private string Entry => $$"""{"content_id":"{{title}}","count":1}""";

    [Theory]
    [InlineData("gzip")]
    [InlineData("x-gzip")]
    [InlineData("GZIP")]
    [InlineData("deflate")]
    [InlineData("identity")]
    [InlineData("identity, gzip")]
    public async Task Compressed_batch_is_recorded(string coding)
    {
        var plain = Encoding.UTF8.GetBytes($"[{Entry},{Entry}]");
        var body = coding == "identity" ? plain : Compress(plain, coding);

        var answer = (await SendAsync("POST", Batch, body, Json, coding)).IsJson();

        Assert.Equal("""{"message":"Views recorded: 2 of 2 entries","recorded":2,"views":2,"rejected":[]}""", answer.Text);
    }

    [Fact]
    public async Task Two_gzip_members_are_one_body() =>
        Assert.Equal(
            2,
            (await SendAsync("POST", Batch, [.. Compress(Encoding.UTF8.GetBytes(Entry + "\n"), "gzip"), .. Compress(Encoding.UTF8.GetBytes(Entry), "gzip")], "application/jsonl", "gzip"))
                .IsJson().Json.GetProperty("recorded").GetInt32());

    [Fact]
    public async Task Every_route_that_takes_JSON_takes_it_compressed_and_refuses_what_it_does_not_know()
    {
        var routes = (await api.GetAsync("/openapi/v1.json")).Is(200).Json.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject()
                .Where(method => method.Value.TryGetProperty("requestBody", out var body) && body.GetProperty("content").TryGetProperty(Json, out _))
                .Select(method => (Method: method.Name.ToUpperInvariant(), Path: RouteTable.Fill(path.Name, title, application.UserIds[^1]))))
            .ToList();
        Assert.True(routes.Count > 10, $"{routes.Count} routes take JSON.");
        var array = Compress("[]"u8.ToArray(), "gzip");
        foreach (var (method, path) in routes)
        {
            // An array is a body that was read; the routes want objects.
            var read = await SendAsync(method, path, array, Json, "gzip", application.Administrator());
            if (path == Batch)
                read.IsJson();
            else
                read.IsProblem(400, "body");

            foreach (var coding in (string[])["zstd", "br", "compress", "gzip, gzip", "gzip, zstd", "aes128gcm"])
            {
                var refused = (await SendAsync(method, path, array, Json, coding, application.Administrator())).IsProblem(415, "Content-Encoding");
                Assert.Equal("gzip, deflate", refused.Headers["Accept-Encoding"]);
            }
        }
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("zstd")]
    public async Task Upload_takes_no_coding(string coding) =>
        Assert.Equal(
            "identity",
            (await SendAsync("POST", "/api/videos/upload", Compress("--x--"u8.ToArray(), "gzip"), "multipart/form-data; boundary=x", coding, application.Token()))
                .IsProblem(415, "Content-Encoding").Headers["Accept-Encoding"]);

    [Fact]
    public async Task Coding_of_no_body_is_ignored() =>
        (await api.SendAsync("GET", "/api/v1/content/ids?limit=1", null, ("Content-Encoding", "zstd"))).Is(200);

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task Limit_of_bytes_holds_for_what_was_compressed(string coding)
    {
        var spaces = Encoding.UTF8.GetBytes($"[{Entry}]".PadRight(2 * 1024 * 1024 + 1));
        (await SendAsync("POST", Batch, Compress(spaces, coding), Json, coding)).IsProblem(413);
        (await SendAsync("POST", Batch, Compress(spaces[..^1], coding), Json, coding)).IsJson();

        // 64 MB in 64 kB.
        (await SendAsync("POST", Batch, Compress(new byte[64 * 1024 * 1024], coding), Json, coding)).IsProblem(413);
        (await SendAsync("POST", "/api/users/login", Compress(new byte[17 * 1024], coding), Json, coding)).IsProblem(413);
    }

    [Fact]
    public async Task Body_that_is_not_what_its_coding_says_is_refused()
    {
        var whole = Compress(Encoding.UTF8.GetBytes($"[{string.Join(',', Enumerable.Repeat(Entry, 100))}]"), "gzip");
        byte[][] bodies = [Encoding.UTF8.GetBytes($"[{Entry}]"), [0x1F, 0x8B], whole[..^1], whole[..(whole.Length / 2)], [.. whole[..20], .. whole[30..]], []];
        foreach (var body in bodies)
            Assert.True((await SendAsync("POST", Batch, body, Json, "gzip")).Is(400).Json.GetProperty("field").GetString() is "Content-Encoding" or "body");

        (await SendAsync("POST", "/api/users/login", "email=a"u8.ToArray(), "application/x-www-form-urlencoded", "gzip")).IsProblem(400, "Content-Encoding");
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task Nothing_but_zeros_and_further_members_follows_a_compressed_body(string coding)
    {
        var (line, large) = (Encoding.UTF8.GetBytes(Entry + "\n"), new byte[100_000]);
        new Random(1).NextBytes(large);
        var whole = Compress(line, coding);
        byte[] damaged = [0, .. whole[1..]];
        byte[][] refused = [[.. whole, .. damaged], [.. whole, .. "garbage"u8], [.. whole, 1], [.. whole, 0, 0, 1], [.. whole, .. new byte[20_000], 7], [.. whole, .. large]];
        foreach (var body in refused)
            (await SendAsync("POST", Batch, body, "application/jsonl", coding)).IsProblem(400, "Content-Encoding");

        byte[][] taken = [whole, [.. whole, 0], [.. whole, .. new byte[20_000]]];
        foreach (var body in taken)
            Assert.Equal(1, (await SendAsync("POST", Batch, body, "application/jsonl", coding)).IsJson().Json.GetProperty("recorded").GetInt32());

        // Zeros of the content itself, behind which it goes on.
        (await SendAsync("POST", Batch, Store([.. line, .. new byte[50_000], .. line], coding), "application/jsonl", coding)).IsProblem(400, "body");
    }

    [Theory]
    [InlineData(Batch)]
    [InlineData("/api/v1/content/{title}/views")]
    public async Task Byte_order_mark_of_UTF8_is_left_out(string path)
    {
        byte[] body = [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(path == Batch ? Entry : """{"count":1}""")];

        (await api.SendAsync("POST", Path(path), Api.Bytes(body, Json))).IsJson();
        (await SendAsync("POST", Path(path), Compress(body, "gzip"), Json, "gzip")).IsJson();
    }

    [Theory]
    [InlineData(Batch)]
    [InlineData("/api/v1/content/{title}/views")]
    [InlineData("/api/users/login")]
    public async Task Other_encodings_of_text_are_refused_in_plain_words(string path)
    {
        foreach (var encoding in (Encoding[])[Encoding.Unicode, Encoding.BigEndianUnicode, Encoding.UTF32])
        {
            var text = encoding.GetBytes("""{"count":1}""");
            foreach (var body in (byte[][])[text, [.. encoding.Preamble, .. text]])
            {
                var refused = (await api.SendAsync("POST", Path(path), Api.Bytes(body, Json))).IsProblem(400, "body");
                Assert.Contains("UTF-8", refused.Text, StringComparison.Ordinal);
                (await api.SendAsync("POST", Path(path), Api.Bytes(body, $"{Json}; charset={encoding.WebName}"))).IsProblem(415, "Content-Type");
            }
        }
    }

    [Fact]
    public async Task Latin_1_is_read_where_it_is_declared()
    {
        var email = $"{Guid.NewGuid():N}@example.com";
        var body = Encoding.Latin1.GetBytes($$"""{"email":"{{email}}","password":"café noir","username":"Zoë"}""");

        (await api.SendAsync("POST", "/api/users/register", Api.Bytes(body, "application/json; charset=ISO-8859-1"))).Is(200);

        (await api.PostAsync("/api/users/login", $$"""{"email":"{{email}}","password":"café noir"}""")).Is(200);
        (await api.SendAsync("POST", "/api/users/register", Api.Bytes(body, Json))).IsProblem(400, "password");
    }

    private string Path(string path) => path.Replace("{title}", title.ToString(), StringComparison.Ordinal);

    private Task<Answer> SendAsync(string method, string path, byte[] body, string type, string coding, params (string, string)[] headers)
    {
        var content = Api.Bytes(body, type);
        content.Headers.TryAddWithoutValidation("Content-Encoding", coding);
        return api.SendAsync(method, path, content, headers);
    }

    private static byte[] Store(byte[] body, string coding) => Compress(body, coding, CompressionLevel.NoCompression);

    private static byte[] Compress(byte[] body, string coding, CompressionLevel level = CompressionLevel.Fastest)
    {
        using var compressed = new MemoryStream();
        using (Stream compressor = coding == "deflate" ? new ZLibStream(compressed, level) : new GZipStream(compressed, level))
            compressor.Write(body);

        return compressed.ToArray();
    }
}
