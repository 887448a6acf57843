using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.OpenApi;

namespace Streaming.WebFront.Documentation;

/// <summary>The error answers of the document: each stands once under its status' name, and operations refer to it.</summary>
internal static class ErrorResponses
{
    private static readonly string[] Everywhere = ["429", "500", "503"];

    /// <summary>Replaces an operation's error answers, and adds those that every operation has.</summary>
    public static void Refer(OpenApiOperation operation, OpenApiDocument document)
    {
        var responses = operation.Responses!;
        foreach (var status in responses.Keys.Where(IsError).Union(Everywhere).ToList())
            responses[status] = new OpenApiResponseReference(NameOf(status), document);
    }

    /// <summary>Adds those that operations refer to, once all of them are there.</summary>
    public static void Add(OpenApiDocument document)
    {
        var used = document.Paths.Values
            .SelectMany(path => path.Operations?.Values ?? Enumerable.Empty<OpenApiOperation>())
            .SelectMany(operation => operation.Responses?.Keys ?? Enumerable.Empty<string>())
            .Where(IsError).Distinct().Order(StringComparer.Ordinal);
        var responses = (document.Components ??= new OpenApiComponents()).Responses ??= new Dictionary<string, IOpenApiResponse>();
        foreach (var status in used)
            responses[NameOf(status)] = Describe(status, document);
    }

    private static bool IsError(string status) => status[0] is '4' or '5';

    private static string Reason(string status) => ReasonPhrases.GetReasonPhrase(int.Parse(status, CultureInfo.InvariantCulture));

    /// <summary>As NotFound.</summary>
    private static string NameOf(string status) => string.Concat(Reason(status).Where(char.IsAsciiLetter));

    private static OpenApiResponse Describe(string status, OpenApiDocument document) => new()
    {
        Description = DescriptionOf(status),
        Content = new Dictionary<string, OpenApiMediaType>
        {
            ["application/problem+json"] = new() { Schema = new OpenApiSchemaReference(nameof(ProblemDetails), document), Example = ExampleOf(status) },
        },
        Headers = status is "429" or "503"
            ? new Dictionary<string, IOpenApiHeader> { ["Retry-After"] = new OpenApiHeader { Description = "Seconds.", Schema = new OpenApiSchema { Type = JsonSchemaType.Integer } } }
            : null,
    };

    private static string DescriptionOf(string status) => status switch
    {
        "400" => "Something in the request is wrong; `field` names it.",
        "401" => "There is no token, or one that is not good; `error` says which.",
        "403" => "The route is not for this caller.",
        "404" => "There is no such thing.",
        "408" => "The body came too slowly.",
        "409" => "It cannot be done as things are.",
        "413" => "The body is too large.",
        "415" => "The route does not take this Content-Type or Content-Encoding.",
        "429" => "Too many requests of this account or address; `limit` names the limit. Nothing was done; try again after Retry-After.",
        "422" => "The Idempotency-Key was used with other content.",
        "500" => "A fault of ours.",
        "503" => "Busy or restarting; nothing was recorded. Try again after Retry-After.",
        "507" => "There is no room for it.",
        "504" => "Whether the request took effect is unknown. Repeat it with the same Idempotency-Key.",
        _ => throw new InvalidOperationException($"Status {status} has no description; add it here."),
    };

    private static JsonObject ExampleOf(string status) => new()
    {
        ["type"] = "about:blank",
        ["title"] = Reason(status),
        ["status"] = int.Parse(status, CultureInfo.InvariantCulture),
        ["detail"] = DescriptionOf(status),
        ["message"] = DescriptionOf(status),
        ["traceId"] = "00-c54ae724784acb904f9459fad914a5ed-0128554f4e580f08-00",
    };
}
