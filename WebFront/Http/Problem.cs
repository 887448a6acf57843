using System.Buffers;
using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Streaming.WebFront;

/// <summary>
/// An error answer: <c>application/problem+json</c> (RFC 9457) that also carries <c>message</c>, which clients of the
/// systems before read, the name of the offending <c>field</c> or <c>limit</c>, and a <c>traceId</c>. Always JSON, whatever the client accepts.
/// </summary>
internal sealed class Problem(int status, string message, string? field = null) : IResult
{
    public const string ContentType = "application/problem+json";

    /// <summary>What is wrong and what to do.</summary>
    public string Message => message;

    /// <summary>Seconds after which to try again, sent as <c>Retry-After</c>.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>What the replaced system said in <c>error</c>; null where it said nothing.</summary>
    public string? Error { get; init; }

    /// <summary>How to say who one is, sent as <c>WWW-Authenticate</c>.</summary>
    public string? Challenge { get; init; }

    /// <summary>Name of the limit that refuses the request.</summary>
    public string? Limit { get; init; }

    public static Problem BadRequest(string field, string message) => new(StatusCodes.Status400BadRequest, message, field);

    public static Problem NotFound(string message, string? error = null) => new(StatusCodes.Status404NotFound, message) { Error = error };

    public static Problem Unavailable(string message) => new(StatusCodes.Status503ServiceUnavailable, message) { RetryAfter = 1 };

    /// <summary>A problem in the words of its status code.</summary>
    public static Problem Of(int status) => new(status, status switch
    {
        StatusCodes.Status400BadRequest => "The request is not valid HTTP, or its body breaks off.",
        StatusCodes.Status404NotFound => "There is no such route.",
        StatusCodes.Status405MethodNotAllowed => "The route does not have this method; the Allow header names those it has.",
        StatusCodes.Status408RequestTimeout => "The request came too slowly.",
        StatusCodes.Status413PayloadTooLarge => "The body is too large.",
        StatusCodes.Status414UriTooLong => "The request line is too long; at most 8 kB.",
        StatusCodes.Status415UnsupportedMediaType => "The route does not take this Content-Type; /api-docs names those it takes.",
        StatusCodes.Status431RequestHeaderFieldsTooLarge => "The headers are too large or too many; at most 16 kB in 64 lines.",
        StatusCodes.Status500InternalServerError => "Something went wrong on our side; the traceId helps us to find it.",
        _ => ReasonPhrases.GetReasonPhrase(status) + ".",
    });

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = status;
        // What the answer that was begun said of itself.
        response.ContentLength = null;
        response.Headers.Remove(HeaderNames.ContentEncoding);
        response.Headers.Remove(HeaderNames.ContentDisposition);
        response.Headers.Remove(HeaderNames.ETag);
        response.Headers.Remove(HeaderNames.LastModified);
        response.Headers.Remove(HeaderNames.Link);
        response.ContentType = ContentType;
        if (RetryAfter is { } seconds)
            response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);

        if (Challenge is not null)
            response.Headers.WWWAuthenticate = Challenge;

        if (HttpMethods.IsHead(httpContext.Request.Method))
            return;

        await using var json = new Utf8JsonWriter(response.BodyWriter);
        Write(json, Activity.Current?.Id ?? httpContext.TraceIdentifier);
    }

    /// <summary>The body alone, where there is no request that it could be an answer to.</summary>
    public byte[] Render(string traceId)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body))
            Write(json, traceId);

        return body.WrittenSpan.ToArray();
    }

    private void Write(Utf8JsonWriter json, string traceId)
    {
        json.WriteStartObject();
        json.WriteString("type", "about:blank");
        json.WriteString("title", ReasonPhrases.GetReasonPhrase(status));
        json.WriteNumber("status", status);
        json.WriteString("detail", message);
        json.WriteString("message", message);
        if (field is not null)
            json.WriteString("field", field);

        if (Error is not null)
            json.WriteString("error", Error);

        if (Limit is not null)
            json.WriteString("limit", Limit);

        json.WriteString("traceId", traceId);
        json.WriteEndObject();
    }
}
