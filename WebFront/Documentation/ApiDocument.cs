using System.Globalization;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Streaming.Reviews;
using Streaming.Viewing;
using Streaming.WebFront.Audit;
using Streaming.WebFront.Auth;
using Streaming.WebFront.Users;
using Streaming.WebFront.Videos;
using Streaming.WebFront.Viewing;

namespace Streaming.WebFront.Documentation;

/// <summary>Completes the OpenAPI document with what the handlers' types do not tell: forms of parameters, errors, examples.</summary>
internal sealed class ApiDocument : IOpenApiDocumentTransformer, IOpenApiOperationTransformer, IOpenApiSchemaTransformer
{
    private const string Bearer = "bearer";
    private const string ApiKey = "apiKey";

    public Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Streaming API",
            Version = "v1",
            Description =
                "Catalogue, reviews, live view counts, trends, watch history, accounts and uploaded videos of a streaming service. Field names are snake_case, "
                + "moments are UTC. Errors are application/problem+json whose `message` says what to do and whose `field` names what is wrong. "
                + "A view that was answered 200 is on disk: it is never lost, and with an Idempotency-Key never counted twice. "
                + "Each account, or address of who has none, has a limit of requests for log-ins, registrations, writes, reads, views and collectors: "
                + "429 says which, and Retry-After when to come back.",
        };
        var schemes = (document.Components ??= new OpenApiComponents()).SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
        schemes[Bearer] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", BearerFormat = "JWT", Description = "The `token` of a log-in." };
        ErrorResponses.Add(document);
        schemes[ApiKey] = new OpenApiSecurityScheme { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Header, Name = "Authorization", Description = "`ApiKey ` and the secret of a key that an administrator made." };
        return Task.CompletedTask;
    }

    public Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        foreach (var parameter in operation.Parameters?.OfType<OpenApiParameter>() ?? [])
            Describe(parameter, operation.OperationId);

        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        if (metadata.OfType<IdempotencyKeyHeader>().Any())
            (operation.Parameters ??= []).Add(IdempotencyKey());

        if (metadata.OfType<TextAnswer>().FirstOrDefault() is { } text)
        {
            foreach (var type in (string[])["text/html", "text/plain"])
                operation.Responses!["200"].Content![type] = new OpenApiMediaType { Schema = new OpenApiSchema { Type = JsonSchemaType.String }, Example = text.Text };
        }

        if (operation.RequestBody is OpenApiRequestBody body)
            body.Description = $"At most {RequestLimits.InWords(RequestLimits.BodyBytes(metadata.OfType<IRequestSizeLimitMetadata>().LastOrDefault()))}.";

        DescribeBody(operation.RequestBody?.Content, metadata.OfType<IAcceptsMetadata>().FirstOrDefault()?.RequestType);

        foreach (var response in context.Description.SupportedResponseTypes)
        {
            if (response.StatusCode >= 300 || operation.Responses![Text(response.StatusCode)].Content is not { } content)
                continue;

            foreach (var media in content.Where(pair => pair.Key is "application/json" or "application/x-ndjson").Select(pair => pair.Value))
                media.Example = Examples.Of(response.Type);
        }

        if (metadata.OfType<RoutePolicy>().LastOrDefault() is { NeedsNoCaller: false } policy)
            Protect(operation, policy, context.Document!);
        else
            operation.Security = [];

        ErrorResponses.Refer(operation, context.Document!);
        return Task.CompletedTask;
    }

    public Task TransformAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        var type = context.JsonTypeInfo.Type;
        // Left out of the JSON when there is none.
        if (type == typeof(Review) || type == typeof(NamedReview))
            schema.Required?.Remove("comment");

        if (type == typeof(LogList) || type == typeof(VideoList))
            schema.Required?.Remove("total");

        if (type == typeof(Profile))
            schema.Required?.ExceptWith(["email", "role"]);

        if (type == typeof(UploadBody))
            schema.Properties!["video"] = new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary", Description = "The file." };

        if (type.IsDefined(typeof(AtLeastOneAttribute), inherit: false))
            schema.MinProperties = 1;

        if (type == typeof(ProblemDetails))
            AddProblemFields(schema);

        return Task.CompletedTask;
    }

    private static void DescribeBody(IDictionary<string, OpenApiMediaType>? content, Type? type)
    {
        if (content is null)
            return;

        // Of names for the same thing, the one that is known best.
        foreach (var alias in content.Keys.Where(ViewBatchApi.IsAlias).ToList())
            content.Remove(alias);

        foreach (var media in content.Values)
            media.Example = Examples.Of(type);

        if (content.TryGetValue(ViewBatchApi.LineType, out var lines))
        {
            lines.Schema = new OpenApiSchema { Type = JsonSchemaType.String, Description = "An entry a line, each as in the array." };
            lines.Example = string.Join('\n', lines.Example!.AsArray().Select(entry => entry!.ToJsonString()));
        }
    }

    private static void AddProblemFields(OpenApiSchema schema)
    {
        schema.Description = "RFC 9457, with the fields that clients of the systems before read.";
        schema.Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["type"] = String("Always about:blank."),
            ["title"] = String("The status in words."),
            ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer, Description = "The HTTP status." },
            ["detail"] = String("What is wrong and what to do."),
            ["message"] = String("The same as detail."),
            ["field"] = String("The field, parameter or header that is wrong; absent where there is none."),
            ["error"] = String("The cause in the words of the systems before; absent where they had none."),
            ["limit"] = String("The limit that refuses the request; absent where there is none."),
            ["traceId"] = String("Names the request in our logs."),
        };
        schema.Required = new HashSet<string> { "type", "title", "status", "detail", "message", "traceId" };
    }

    private static void Describe(OpenApiParameter parameter, string? operation)
    {
        var (schema, description) = parameter.Name switch
        {
            "id" or "contentId" => (Uuid(), "Content id."),
            "userId" or "uid" => (Uuid(), "User id, or `me` for one's own."),
            "after" => (Uuid(), "The last id of the page before."),
            "limit" => (new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "1" }, "Entries of a page."),
            "sessionId" => (String(null), $"Session id, or `{AccountApi.CurrentSession}`."),
            "filename" => (Uuid(), "Id of a video, which lists name as its filename."),
            "keyId" => (Uuid(), "Id of an API key."),
            "search" => (String(null), "A part of an e-mail or username."),
            "role" => (new OpenApiSchema { Type = JsonSchemaType.String, Enum = ["user", "admin"] }, "Accounts of this role."),
            "banned" => (new OpenApiSchema { Type = JsonSchemaType.Boolean }, "Accounts that are banned, or are not."),
            "cursor" => (String(null), "From the Link header of the page before."),
            "sort" => (new OpenApiSchema { Type = JsonSchemaType.String, Enum = ["newest", "top", "rating"] }, "Order of the reviews."),
            "start" => (new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "0" }, "How many entries to leave out."),
            "from" => (Moment(), "Entries from this time on."),
            "to" => (Moment(), "Entries before this time."),
            "action" => (String(null), "Entries of this action alone, such as LOGIN."),
            "service" => (String(null), "Entries of this service alone, such as UserAccountService."),
            _ => throw new InvalidOperationException($"Parameter {parameter.Name} of {operation} has no description; add it here."),
        };
        parameter.Schema = schema;
        parameter.Description = description;
        if (parameter.In == ParameterLocation.Path)
            parameter.Example = Examples.OfPath(parameter.Name!);
    }

    private static void Protect(OpenApiOperation operation, RoutePolicy policy, OpenApiDocument document)
    {
        operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, document)] = [] }];
        if (policy.Rule == AccessRule.Collector)
            operation.Security.Add(new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(ApiKey, document)] = [] });

        foreach (var status in (string[])["401", "403"])
            operation.Responses!.TryAdd(status, new OpenApiResponse());
    }

    private static OpenApiParameter IdempotencyKey() => new()
    {
        Name = "Idempotency-Key",
        In = ParameterLocation.Header,
        Description = "Makes the request count once, however often it is sent within 24 hours. Printable ASCII; the same key with another count is 422.",
        Schema = new OpenApiSchema { Type = JsonSchemaType.String, MinLength = ViewLimits.MinKeyLength, MaxLength = ViewLimits.MaxKeyLength },
    };

    private static OpenApiSchema Uuid() => new() { Type = JsonSchemaType.String, Format = "uuid" };

    private static OpenApiSchema Moment() => new() { Type = JsonSchemaType.String, Format = "date-time" };

    private static OpenApiSchema String(string? description) => new() { Type = JsonSchemaType.String, Description = description };

    private static string Text(int status) => status.ToString(CultureInfo.InvariantCulture);
}
