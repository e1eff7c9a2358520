using System.Net;

namespace SidecarAgent.Webhook.Kubernetes;

/// <summary>
/// A call that the API server did not do. The message is one sentence for the log, without control characters.
/// </summary>
internal sealed class ApiException : Exception
{
    /// <param name="status">What the API server answered; null if it was not reached.</param>
    public ApiException(HttpStatusCode? status, string message, Exception? cause = null)
        : base(message, cause) => Status = status;

    public HttpStatusCode? Status { get; }

    /// <summary>Somebody else changed the object since it was read, or made it first: read it again.</summary>
    public bool IsConflict => Status is HttpStatusCode.Conflict;

    /// <summary>RBAC does not allow it.</summary>
    public bool IsForbidden => Status is HttpStatusCode.Forbidden;

    public bool IsNotFound => Status is HttpStatusCode.NotFound;

    /// <summary>The answer was larger than is allowed.</summary>
    public bool IsTooLarge { get; init; }
}
