namespace Streaming.WebFront.Documentation;

/// <summary>The OpenAPI document and the pages that show it.</summary>
internal static class DocumentationPages
{
    private const string DocumentPath = "/openapi/v1.json";

    public static void AddStreamingDocumentation(this IServiceCollection services) => services.AddOpenApi("v1", api =>
    {
        api.AddDocumentTransformer<ApiDocument>();
        api.AddOperationTransformer<ApiDocument>();
        api.AddSchemaTransformer<ApiDocument>();
    });

    public static void MapDocumentation(this WebApplication app)
    {
        app.MapOpenApi("/openapi/{documentName}.json");
        app.UseSwaggerUI(ui =>
        {
            ui.RoutePrefix = "api-docs";
            ui.DocumentTitle = "Streaming API";
            ui.SwaggerEndpoint(DocumentPath, "Streaming API");
        });
    }
}
