using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Net.Http.Headers;

namespace Streaming.WebFront;

/// <summary>An answer that is rendered already, in one piece or several.</summary>
internal sealed class Utf8Result(string contentType, params ReadOnlyMemory<byte>[] pieces) : IResult
{
    public const string JsonType = "application/json; charset=utf-8";

    /// <summary>What the content is known by, sent as <c>ETag</c>: who has it already is told so by 304. Null where it is not asked for again.</summary>
    public string? Tag { get; init; }

    /// <summary>Sent with the tag.</summary>
    public DateTimeOffset? LastModified { get; init; }

    public static Utf8Result Json(params ReadOnlyMemory<byte>[] pieces) => new(JsonType, pieces);

    /// <summary>Rendered before anything is sent, so that its length is known.</summary>
    public static Utf8Result Json<T>(T value, JsonTypeInfo<T> type) => Json(JsonSerializer.SerializeToUtf8Bytes(value, type));

    public static Utf8Result Json(string? tag, params ReadOnlyMemory<byte>[] pieces) => new(JsonType, pieces) { Tag = tag };

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        if (Tag is not null)
        {
            response.Headers.ETag = Tag;
            if (LastModified is { } moment)
                response.Headers.LastModified = HeaderUtilities.FormatDate(moment);

            if (Validators.IsCurrent(httpContext.Request, Tag, LastModified))
            {
                response.StatusCode = StatusCodes.Status304NotModified;
                return Task.CompletedTask;
            }
        }

        var length = 0;
        foreach (var piece in pieces)
            length += piece.Length;

        response.ContentType = contentType;
        response.ContentLength = length;
        foreach (var piece in pieces)
            response.BodyWriter.Write(piece.Span);

        return Task.CompletedTask;
    }
}
