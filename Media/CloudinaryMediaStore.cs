using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Polly;
using Streaming.Videos;

namespace Streaming.Media;

/// <summary>
/// Videos at Cloudinary, by its documented upload, destroy and delivery API; it makes their images itself. They are of type
/// <c>authenticated</c>: nobody gets them without a signed URL. Those do not expire at Cloudinary, so they are given to none but whom this
/// service has let pass.
/// </summary>
internal sealed class CloudinaryMediaStore(HttpClient http, IOptions<CloudinaryOptions> options, TimeProvider time) : IMediaStore
{
    /// <summary>Files over it go in parts of it. The service takes parts of 5 MB or more, and files of 100 MB or less in one.</summary>
    internal const int ChunkBytes = 20 << 20;

    private const string Type = "authenticated";
    private const int MaxReason = 200;

    private readonly CloudinaryOptions account = options.Value;

    public async Task PutAsync(Guid videoId, MediaKind kind, MediaFile file, CancellationToken cancellationToken)
    {
        if (kind == MediaKind.Image)
            return;

        var uploadId = Guid.NewGuid().ToString("N");
        for (long from = 0; from == 0 || from < file.Bytes; from += ChunkBytes)
        {
            var length = Math.Min(ChunkBytes, file.Bytes - from);
            var isLast = from + length == file.Bytes;
            using var content = new CloudinaryUpload(file.Path, from, length, Sign([
                ("overwrite", "true"), ("public_id", PublicId(videoId)), ("type", Type),
            ]));
            if (file.Bytes > ChunkBytes)
                content.Continue(uploadId, file.Bytes);

            using var request = new HttpRequestMessage(HttpMethod.Post, Api("upload")) { Content = content };
            using var answer = await SendAsync(request, () => isLast && content.MayHaveArrived, cancellationToken);
            if (isLast && Number(answer, "bytes") != file.Bytes)
                throw new MediaStoreException(MediaFailure.Unknown, "Cloudinary's answer to an upload does not tell its length. Look at the video there.");
        }
    }

    public Task<MediaContent?> OpenAsync(Guid videoId, MediaKind kind, CancellationToken cancellationToken)
    {
        // Whether it is there, only its own answer tells. Without an extension a video comes as it was uploaded.
        var source = PublicId(videoId) + (kind == MediaKind.Image ? ".jpg" : "");
        var url = $"{account.DeliveryUrl.AbsoluteUri.TrimEnd('/')}/{account.CloudName}/video/{Type}/s--{SignDelivery(source, account.ApiSecret!)}--/v1/{source}";
        return Task.FromResult<MediaContent?>(new MediaContent.Elsewhere(new Uri(url)));
    }

    public async Task DeleteAsync(Guid videoId, CancellationToken cancellationToken)
    {
        using var content = new FormUrlEncodedContent(Sign([
            ("invalidate", "true"), ("public_id", PublicId(videoId)), ("type", Type),
        ]));
        using var request = new HttpRequestMessage(HttpMethod.Post, Api("destroy")) { Content = content };
        using var answer = await SendAsync(request, () => false, cancellationToken);
        if (Text(answer, "result") is not ("ok" or "not found"))
            throw new MediaStoreException(MediaFailure.Unavailable, "Cloudinary did not remove a video. It is tried again.");
    }

    /// <summary>By the service's rules: over the sorted parameters and the secret.</summary>
    internal static string SignParameters(IEnumerable<KeyValuePair<string, string>> parameters, string secret) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
            string.Join('&', parameters.OrderBy(parameter => parameter.Key, StringComparer.Ordinal).Select(parameter => $"{parameter.Key}={parameter.Value}")) + secret)));

    /// <summary>Its long form, of 192 bits; the usual one has 48.</summary>
    internal static string SignDelivery(string source, string secret) =>
        Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(source + secret))).Replace('+', '-').Replace('/', '_')[..32];

    private static string PublicId(Guid videoId) => $"videos/{videoId:D}";

    private Uri Api(string action) => new($"{account.ApiUrl.AbsoluteUri.TrimEnd('/')}/v1_1/{account.CloudName}/video/{action}");

    private List<KeyValuePair<string, string>> Sign((string Name, string Value)[] parameters)
    {
        var signed = parameters.Select(parameter => KeyValuePair.Create(parameter.Name, parameter.Value)).ToList();
        signed.Add(KeyValuePair.Create("timestamp", time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)));
        var signature = SignParameters(signed, account.ApiSecret!);
        signed.Add(KeyValuePair.Create("api_key", account.ApiKey!));
        signed.Add(KeyValuePair.Create("signature", signature));
        return signed;
    }

    /// <param name="request">Its content can be sent again.</param>
    /// <param name="mayBeDone">Whether something of it may have happened although no answer says so.</param>
    private async Task<JsonDocument> SendAsync(HttpRequestMessage request, Func<bool> mayBeDone, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await http.SendAsync(request, cancellationToken);
            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            if (!response.IsSuccessStatusCode)
                throw Failure(response, body, mayBeDone());

            return JsonDocument.Parse(body);
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or ExecutionRejectedException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw mayBeDone()
                ? new MediaStoreException(MediaFailure.Unknown, "Cloudinary did not answer after it was sent a whole video.", e)
                : new MediaStoreException(MediaFailure.Unavailable, $"Cloudinary does not answer at {account.ApiUrl.Authority}.", e);
        }
    }

    private static MediaStoreException Failure(HttpResponseMessage response, byte[] body, bool mayBeDone) => response.StatusCode switch
    {
        _ when mayBeDone => new MediaStoreException(MediaFailure.Unknown, $"Cloudinary answered {(int)response.StatusCode} after an attempt of which nothing is known."),
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound => new MediaStoreException(
            MediaFailure.Refused,
            $"Cloudinary does not take our requests ({(int)response.StatusCode}). Check Cloudinary__CloudName, Cloudinary__ApiKey and Cloudinary__ApiSecret, and this machine's clock."),
        HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge => new MediaStoreException(
            MediaFailure.Refused, $"Cloudinary refused a request ({(int)response.StatusCode}{Reason(body)}). Look whether the file is within the limits of the account's plan."),
        var status => new MediaStoreException(
            MediaFailure.Unavailable, $"Cloudinary cannot do it now ({(int)status}). Where that goes on, look at its status page and at the limits of the account's plan."),
    };

    private static string Reason(byte[] body)
    {
        try
        {
            using var answer = JsonDocument.Parse(body);
            var reason = answer.RootElement.TryGetProperty("error", out var error) && error.TryGetProperty("message", out var message) ? message.GetString() : null;
            // Of a signature that it does not take, it repeats what was signed.
            return reason is null || reason.Contains("sign", StringComparison.OrdinalIgnoreCase) ? "" : $": {reason[..Math.Min(reason.Length, MaxReason)]}";
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return "";
        }
    }

    private static long? Number(JsonDocument answer, string name) =>
        answer.RootElement.ValueKind == JsonValueKind.Object && answer.RootElement.TryGetProperty(name, out var value) && value.TryGetInt64(out var number) ? number : null;

    private static string? Text(JsonDocument answer, string name) =>
        answer.RootElement.ValueKind == JsonValueKind.Object && answer.RootElement.TryGetProperty(name, out var value) ? value.GetString() : null;
}
