using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Streaming.WebFront.Auth;
using Streaming.WebFront.Limits;
using Streaming.WebFront.Server;

namespace Streaming.WebFront.Documentation;

/// <summary>The OpenAPI document and the pages that show it.</summary>
internal static class DocumentationPages
{
    private const string DocumentName = "v1";
    private const string PagesPath = "/api-docs";
    private const string DocumentPath = "/openapi/v1.json";

    // Swagger UI writes style attributes as it goes.
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; "
        + "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    public static void AddStreamingDocumentation(this IServiceCollection services) => services.AddOpenApi(DocumentName, api =>
    {
        // GET says it all.
        api.ShouldInclude = description => description.HttpMethod != HttpMethods.Head;
        api.AddDocumentTransformer<ApiDocument>();
        api.AddOperationTransformer<ApiDocument>();
        api.AddSchemaTransformer<ApiDocument>();
    });

    public static void MapDocumentation(this WebApplication app, IEndpointRouteBuilder routes)
    {
        routes.MapGet(DocumentPath, (HttpContext context, [FromKeyedServices(DocumentName)] IOpenApiDocumentProvider document) => SendAsync(context, document))
            .ExcludeFromDescription()
            .IsPublic()
            .IsCompressed();
        // On its own branch, so that no other request passes through it.
        app.UseWhen(context => context.Request.Path.StartsWithSegments(PagesPath), branch =>
        {
            branch.Use((context, next) =>
            {
                PageSecurity.Protect(context.Response, Policy);
                // The pages' middleware knows GET alone. To the server the request stays a HEAD, and it sends no body.
                if (HttpMethods.IsHead(context.Request.Method))
                    context.Request.Method = HttpMethods.Get;

                if (HttpMethods.IsGet(context.Request.Method))
                    return next(context);

                context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
                context.Response.Headers.Allow = "GET, HEAD";
                return Task.CompletedTask;
            });
            branch.UseSwaggerUI(ui =>
            {
                ui.RoutePrefix = PagesPath[1..];
                ui.DocumentTitle = "Streaming API";
                // Relative to the page, whatever stands before its path.
                ui.SwaggerEndpoint(".." + DocumentPath, "Streaming API");
            });
        });
    }

    /// <summary>Without the white space of the framework's own route, which is as much again.</summary>
    private static async Task<FileContentHttpResult> SendAsync(HttpContext context, IOpenApiDocumentProvider provider)
    {
        var document = await provider.GetOpenApiDocumentAsync(context.RequestAborted);
        // Whoever reads it reaches the API where they got it; a Host header is nobody's word.
        document.Servers = [new OpenApiServer { Url = context.Request.PathBase is { HasValue: true, Value: { } path } ? path : "/" }];
        var text = new StringWriter(CultureInfo.InvariantCulture);
        document.SerializeAsV31(new OpenApiJsonWriter(text, new OpenApiJsonWriterSettings { Terse = true }));
        return TypedResults.Bytes(Encoding.UTF8.GetBytes(text.ToString()), "application/json; charset=utf-8");
    }
}
