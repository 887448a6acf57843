namespace Streaming.Silo;

/// <summary>HEAD wherever GET is: routing answers it with 405 on routes that name GET alone.</summary>
public static class HeadRequests
{
    /// <summary>
    /// Lets the routes that answer GET answer HEAD as well: by the same handler, whose body the server leaves out. One whose body
    /// costs more than its first page looks at the method.
    /// </summary>
    public static TBuilder AnswersHead<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.Finally(static endpoint =>
        {
            for (var i = 0; i < endpoint.Metadata.Count; i++)
            {
                if (endpoint.Metadata[i] is HttpMethodMetadata { HttpMethods: var methods } known
                    && methods.Contains(HttpMethods.Get) && !methods.Contains(HttpMethods.Head))
                {
                    endpoint.Metadata[i] = new HttpMethodMetadata([.. methods, HttpMethods.Head], known.AcceptCorsPreflight);
                }
            }
        });
        return builder;
    }
}
