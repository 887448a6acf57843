using System.Buffers;

namespace Streaming.WebFront;

/// <summary>JSON that is rendered already, in one piece or several.</summary>
internal sealed class JsonBytes(params ReadOnlyMemory<byte>[] pieces) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var length = 0;
        foreach (var piece in pieces)
            length += piece.Length;

        var response = httpContext.Response;
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = length;
        foreach (var piece in pieces)
            response.BodyWriter.Write(piece.Span);

        return Task.CompletedTask;
    }
}
