namespace Streaming.WebFront;

internal static class RouteBodies
{
    private const string Json = "application/json";
    private const string Form = "application/x-www-form-urlencoded";

    /// <summary>A small body that <see cref="RequestFields"/> reads: a JSON object or a form, and what is answered when it is neither.</summary>
    public static RouteHandlerBuilder AcceptsFields<TBody>(this RouteHandlerBuilder route, bool orForm = true)
        where TBody : notnull =>
        (orForm ? route.Accepts<TBody>(Json, Form) : route.Accepts<TBody>(Json))
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
}
