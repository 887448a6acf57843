using System.Reflection;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Streaming.WebFront;
using Streaming.WebFront.Videos;
using Streaming.WebFront.Viewing;

namespace Streaming.Tests.Http;

[Collection(HttpTests.Name)]
public sealed class BodyTests(StreamingApplication application)
{
    /// <summary>Read as they come, each by a reader of its own.</summary>
    private static readonly Type[] Streamed = [typeof(UploadBody), typeof(ViewBatchEntry[])];

    [Fact]
    public void Record_that_a_route_documents_is_the_one_that_it_binds()
    {
        _ = application.Api;
        var endpoints = application.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>().ToList();
        var routes = endpoints
            .Select(endpoint => (endpoint.DisplayName, Documented: Documented(endpoint), Bound: Bound(endpoint)))
            .Where(route => route.Documented.Count > 0 || route.Bound.Count > 0).ToList();

        Assert.All(routes, route => Assert.True(
            route.Documented.SequenceEqual(route.Bound) || (route.Bound.Count == 0 && route.Documented is [var type] && Streamed.Contains(type)),
            $"{route.DisplayName} documents {string.Join(", ", route.Documented)} and binds {string.Join(", ", route.Bound)}."));
        Assert.Equal(15, routes.Count);
    }

    [Fact]
    public void Entry_of_a_batch_is_read_as_its_record_is_documented()
    {
        var entry = new ViewBatchEntry { ContentId = Guid.NewGuid(), Count = 7, Key = "edge-7/2026-05-04/000123" };
        var documented = FrontJson.Contract.ViewBatchEntry.Properties.Select(property => property.Name).ToList();

        var fields = Read(JsonSerializer.Serialize(entry, FrontJson.Contract.ViewBatchEntry));
        var refused = Read("""{"extra":1}""");

        Assert.Null(fields.Reason);
        Assert.Equal((entry.ContentId, entry.Count, entry.Key), (fields.ContentId, fields.Count, fields.Key));
        Assert.EndsWith($"an entry has {string.Join(", ", documented.SkipLast(1))} and {documented[^1]}", refused.Reason, StringComparison.Ordinal);
    }

    private static List<Type?> Documented(RouteEndpoint endpoint) =>
        [.. endpoint.Metadata.GetOrderedMetadata<IAcceptsMetadata>().Select(accepts => accepts.RequestType)];

    private static List<Type?> Bound(RouteEndpoint endpoint) =>
    [
        .. (endpoint.Metadata.GetMetadata<MethodInfo>()?.GetParameters() ?? [])
            .Select(parameter => parameter.ParameterType).Where(type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Body<>))
            .Select(type => type.GenericTypeArguments[0]),
    ];

    private static ViewBatchFields Read(string json)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(json));
        reader.Read();
        return ViewBatchFields.Read(ref reader);
    }
}
