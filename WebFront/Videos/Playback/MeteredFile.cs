using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Streaming.WebFront.Auth;

namespace Streaming.WebFront.Videos;

/// <summary>A file as an answer, whose bytes are counted as the connection takes them.</summary>
internal sealed class MeteredFile(FileStreamHttpResult file, Guid subject, DownloadMeter meter, RevocationCache revocations) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var body = httpContext.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        httpContext.Response.Body = new MeteredBody(httpContext.Response.BodyWriter, subject, meter, revocations);
        try
        {
            await file.ExecuteAsync(httpContext);
        }
        finally
        {
            httpContext.Features.Set(body);
        }
    }
}
