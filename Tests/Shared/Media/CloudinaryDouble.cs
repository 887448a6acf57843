using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Streaming.Tests.Media;

/// <summary>
/// A double of Cloudinary's API on this machine, and of nothing else: written from its documentation, it is as strict about signatures,
/// times, and the ranges and order of parts as that says, and no evidence about the real service. It fails as the test says.
/// </summary>
internal sealed class CloudinaryDouble : IAsyncDisposable
{
    public const string Cloud = "double";
    public const string Key = "123456789012345";
    public const string Secret = "s-e-c-r-e-t-of-the-double";

    private const long MinChunk = 5 << 20;

    private static readonly string[] Unsigned = ["file", "cloud_name", "resource_type", "api_key", "signature"];

    private readonly WebApplication app;
    private readonly ConcurrentDictionary<string, byte[]> assets = new();
    private readonly ConcurrentDictionary<string, SortedDictionary<long, byte[]>> unfinished = new();
    private readonly ConcurrentQueue<string?> ranges = new();
    private readonly CancellationTokenSource stopping = new();
    private int requests;

    private CloudinaryDouble(WebApplication app) => this.app = app;

    /// <summary>Instead of the request of this number, from 1 on, whose body was not read; null to do it.</summary>
    public Func<int, HttpContext, Task<IResult?>> Before { get; set; } = (_, _) => Task.FromResult<IResult?>(null);

    /// <summary>After it was done, in place of its answer; null for its answer.</summary>
    public Func<int, HttpContext, Task<IResult?>> After { get; set; } = (_, _) => Task.FromResult<IResult?>(null);

    public Uri Url => new(app.Urls.Single());

    /// <summary>Of the requests that brought something of a file, those that were answered by a failure included.</summary>
    public IReadOnlyList<string?> Ranges => [.. ranges];

    public int Requests => requests;

    public ICollection<string> Assets => assets.Keys;

    public static async Task<CloudinaryDouble> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        builder.Services.Configure<FormOptions>(form => form.MultipartBodyLengthLimit = long.MaxValue);
        var app = builder.Build();
        var cloudinary = new CloudinaryDouble(app);
        app.MapPost("/v1_1/{cloud}/video/upload", context => cloudinary.AnswerAsync(context, cloudinary.UploadAsync));
        app.MapPost("/v1_1/{cloud}/video/destroy", context => cloudinary.AnswerAsync(context, cloudinary.DestroyAsync));
        app.MapGet("/{cloud}/video/authenticated/{signature}/v1/{**source}", cloudinary.Deliver);
        await app.StartAsync();
        return cloudinary;
    }

    /// <summary>Answers nothing until the caller goes.</summary>
    public async Task<IResult?> HangAsync(HttpContext context)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping.Token);
        await Task.Delay(Timeout.Infinite, either.Token).ContinueWith(static _ => { }, TaskScheduler.Default);
        context.Abort();
        return Results.Empty;
    }

    public static IResult Fail(int status, string message) => Results.Json(new { error = new { message } }, statusCode: status);

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await app.StopAsync();
        await app.DisposeAsync();
        stopping.Dispose();
    }

    private async Task AnswerAsync(HttpContext context, Func<HttpContext, IFormCollection, Task<IResult>> work)
    {
        var number = Interlocked.Increment(ref requests);
        ranges.Enqueue(context.Request.Headers.ContentRange.FirstOrDefault());
        if (await Before(number, context) is { } instead)
        {
            await instead.ExecuteAsync(context);
            return;
        }

        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var answer = Check(context, form) ?? await work(context, form);
        await (await After(number, context) ?? answer).ExecuteAsync(context);
    }

    private static IResult? Check(HttpContext context, IFormCollection form)
    {
        if (context.GetRouteValue("cloud") is not Cloud)
            return Fail(401, "Invalid cloud_name");

        if (form["api_key"] != Key)
            return Fail(401, "Unknown API key");

        var toSign = string.Join('&', form.Where(field => !Unsigned.Contains(field.Key)).OrderBy(field => field.Key, StringComparer.Ordinal)
            .Select(field => $"{field.Key}={field.Value}"));
        var expected = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(toSign + Secret)));
        if (!string.Equals(expected, form["signature"], StringComparison.OrdinalIgnoreCase))
            return Fail(401, $"Invalid Signature {form["signature"]}. String to sign - '{toSign}'.");

        if (!long.TryParse(form["timestamp"], CultureInfo.InvariantCulture, out var seconds)
            || (DateTimeOffset.UtcNow - DateTimeOffset.FromUnixTimeSeconds(seconds)).Duration() > TimeSpan.FromHours(1))
        {
            return Fail(400, "Stale request");
        }

        return form["type"] == "authenticated" ? null : Fail(400, "This double knows only assets of type authenticated");
    }

    private async Task<IResult> UploadAsync(HttpContext context, IFormCollection form)
    {
        if (form.Files is not [{ Name: "file" } file])
            return Fail(400, "Missing required parameter - file");

        using var memory = new MemoryStream();
        await file.CopyToAsync(memory);
        var (id, bytes) = (form["public_id"].ToString(), memory.ToArray());
        if (context.Request.Headers.ContentRange.FirstOrDefault() is not { } range)
            return Keep(id, bytes, form);

        if (context.Request.Headers["X-Unique-Upload-Id"].FirstOrDefault() is not { Length: > 0 } uploadId)
            return Fail(400, "X-Unique-Upload-Id is missing");

        if (!System.Net.Http.Headers.ContentRangeHeaderValue.TryParse(range, out var parsed) || parsed is not { From: { } from, To: { } to, Length: { } total }
            || to - from + 1 != bytes.Length)
        {
            return Fail(400, $"Content-Range {range} is not that of {bytes.Length} bytes");
        }

        var parts = unfinished.GetOrAdd(uploadId, _ => []);
        lock (parts)
        {
            var isLast = to + 1 == total;
            if (!isLast && bytes.Length <= MinChunk)
                return Fail(400, "All parts except the last must be larger than 5 MB");

            // A part may come again, and each comes after those before it.
            if (!parts.ContainsKey(from) && parts.Sum(part => (long)part.Value.Length) != from)
                return Fail(400, $"A part from {from} on came before those that it follows");

            parts[from] = bytes;
            if (!isLast)
                return Results.Json(new { done = false, bytes = to + 1, public_id = id });

            unfinished.TryRemove(uploadId, out _);
            return Keep(id, [.. parts.Values.SelectMany(part => part)], form);
        }
    }

    private IResult Keep(string id, byte[] bytes, IFormCollection form)
    {
        if (form["overwrite"] == "true" || assets.TryAdd(id, bytes))
            assets[id] = bytes;

        return Results.Json(new { public_id = id, bytes = bytes.LongLength, resource_type = "video", type = "authenticated" });
    }

    private Task<IResult> DestroyAsync(HttpContext context, IFormCollection form) => Task.FromResult(
        form["invalidate"] == "true"
            ? Results.Json(new { result = assets.TryRemove(form["public_id"].ToString(), out _) ? "ok" : "not found" })
            : Fail(400, "This double wants copies in caches to go too"));

    private IResult Deliver(string cloud, string signature, string source)
    {
        var expected = WebEncoders.Base64UrlEncode(SHA256.HashData(Encoding.UTF8.GetBytes(source + Secret)))[..32];
        if (cloud != Cloud || signature != $"s--{expected}--")
            return Results.StatusCode(401);

        var isImage = source.EndsWith(".jpg", StringComparison.Ordinal);
        if (!assets.TryGetValue(isImage ? source[..^4] : source, out var bytes))
            return Results.NotFound();

        return isImage ? Results.Bytes([0xFF, 0xD8, 0xFF, 0xD9], "image/jpeg") : Results.Bytes(bytes, "video/mp4", enableRangeProcessing: true);
    }
}
