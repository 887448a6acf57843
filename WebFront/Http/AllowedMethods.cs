namespace Streaming.WebFront;

/// <summary>What becomes of routing's 405, which names the methods of a path in <c>Allow</c> and knows nothing of OPTIONS.</summary>
internal static class AllowedMethods
{
    public static void Complete(HttpContext context)
    {
        var response = context.Response;
        response.Headers.Allow = response.Headers.Allow.Count == 0 ? HttpMethods.Options : $"{response.Headers.Allow}, {HttpMethods.Options}";
        if (HttpMethods.IsOptions(context.Request.Method))
            response.StatusCode = StatusCodes.Status204NoContent;
    }
}
