using System.Reflection;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;

namespace Streaming.WebFront;

/// <summary>
/// A small body, JSON object or form, as a handler's parameter. The parameter itself gives the route its metadata, so that the
/// record that is documented is the one that is bound. It is read when the handler calls for it, not before: ids are checked first.
/// </summary>
internal sealed class Body<T>(HttpContext context) : IBindableFromHttpContext<Body<T>>, IEndpointParameterMetadataProvider
    where T : class
{
    private static readonly int[] Refusals =
        [StatusCodes.Status400BadRequest, StatusCodes.Status413PayloadTooLarge, StatusCodes.Status415UnsupportedMediaType];

    private static BodyContract<T> Contract => BodyContract<T>.Instance;

    public static ValueTask<Body<T>?> BindAsync(HttpContext context, ParameterInfo parameter) => new(new Body<T>(context));

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder)
    {
        builder.Metadata.Add(new AcceptsMetadata(
            Contract.IsJsonOnly ? ["application/json"] : ["application/json", "application/x-www-form-urlencoded"], typeof(T)));
        foreach (var status in Refusals)
            builder.Metadata.Add(new ProducesResponseTypeMetadata(status, typeof(ProblemDetails), [Problem.ContentType]));
    }

    /// <summary>Reads the body, as large as the route takes it, and binds it: one of the two is null.</summary>
    public async ValueTask<(T? Value, Problem? Problem)> ReadAsync()
    {
        var request = context.Request;
        var (body, problem) = await RequestBody.ReadAsync(request, RequestLimits.BodyBytes(context));
        if (problem is not null)
            return (null, problem);

        if (!Contract.IsJsonOnly && request.HasFormContentType)
            return BindForm(body.Span);

        return request.ContentType is null || request.HasJsonContentType()
            ? BindJson(body)
            : (null, new Problem(StatusCodes.Status415UnsupportedMediaType, "Send the body as application/json.", "Content-Type"));
    }

    private (T?, Problem?) BindForm(ReadOnlySpan<byte> body)
    {
        var fields = Contract.Begin();
        foreach (var (name, values) in QueryHelpers.ParseQuery(Encoding.UTF8.GetString(body)))
            fields.Add(name, JsonSerializer.SerializeToElement(values.ToString()));

        return Contract.Bind(fields, context);
    }

    private (T?, Problem?) BindJson(ReadOnlyMemory<byte> body)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(body);
        }
        catch (JsonException e)
        {
            return (null, Problem.BadRequest("body", RequestBody.Malformed(e)));
        }

        using (document)
        {
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                return (null, Problem.BadRequest("body", "The body must be a JSON object."));

            var fields = Contract.Begin();
            foreach (var property in document.RootElement.EnumerateObject())
            {
                if (Add(property, fields) is { } problem)
                    return (null, problem);
            }

            return Contract.Bind(fields, context);
        }
    }

    /// <summary>Half a surrogate pair in an escape, or bytes that are no UTF-8, are JSON by its grammar, and no text.</summary>
    private static Problem? Add(JsonProperty property, ReceivedFields fields)
    {
        string? name = null;
        try
        {
            name = property.Name;
            if (property.Value.ValueKind == JsonValueKind.String)
                property.Value.GetString();

            fields.Add(name, property.Value);
            return null;
        }
        catch (InvalidOperationException)
        {
            return name is null
                ? Problem.BadRequest("body", "The body has a name that is not valid Unicode.")
                : Problem.BadRequest(name, $"{name} is a text that is not valid Unicode.");
        }
    }
}
