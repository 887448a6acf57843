using System.Buffers;

namespace Streaming.WebFront;

/// <summary>An answer that is rendered already, in one piece or several.</summary>
internal sealed class Utf8Answer(string contentType, params ReadOnlyMemory<byte>[] pieces) : IResult
{
    public static Utf8Answer Json(params ReadOnlyMemory<byte>[] pieces) => new("application/json; charset=utf-8", pieces);

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var length = 0;
        foreach (var piece in pieces)
            length += piece.Length;

        var response = httpContext.Response;
        response.ContentType = contentType;
        response.ContentLength = length;
        foreach (var piece in pieces)
            response.BodyWriter.Write(piece.Span);

        return Task.CompletedTask;
    }
}
