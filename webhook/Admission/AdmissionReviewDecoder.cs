using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using SidecarAgent.Webhook.Injection;

namespace SidecarAgent.Webhook.Admission;

/// <summary>Reads an AdmissionReview from the body of a request; strictly, since whatever is read may be answered with a patch.</summary>
internal static class AdmissionReviewDecoder
{
    public const string ApiVersion = "admission.k8s.io/v1";
    public const string Kind = "AdmissionReview";

    private const int MaxUidLength = 256;

    /// <summary>
    /// A pod is some 12 levels deep, and its managedFields some 16. Two readers of a duplicated key may take different
    /// ones, so none is accepted.
    /// </summary>
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 64, AllowDuplicateProperties = false };

    /// <param name="body">All of the body.</param>
    /// <param name="request">The request, if there is one.</param>
    /// <param name="problem">Otherwise what is wrong, in one sentence.</param>
    public static bool TryDecode(
        ReadOnlySpan<byte> body, [NotNullWhen(true)] out AdmissionRequest? request, [NotNullWhen(false)] out string? problem)
    {
        request = null;
        if (body.IsEmpty)
        {
            problem = "the body is empty; expected an AdmissionReview";
            return false;
        }

        if (!Utf8.IsValid(body) || !JsonText.HasOnlyWholeCharacters(body))
        {
            problem = "the body is not valid UTF-8 text";
            return false;
        }

        try
        {
            var root = JsonNode.Parse(body, documentOptions: Strict);
            problem = root is JsonObject review ? Problem(review) : "the body is JSON, but not an object; expected an AdmissionReview";
            if (problem is null)
                request = Read((JsonObject)root!["request"]!);
        }
        catch (JsonException e)
        {
            problem = $"the body is not JSON that can be used: {Foreign.Plain(e.Message, 200)}";
        }

        return problem is null;
    }

    private static string? Problem(JsonObject review)
    {
        if (PodTree.Text(review, "kind") != Kind)
            return $"expected kind {Kind}, got {Shown(review["kind"])}";
        if (PodTree.Text(review, "apiVersion") != ApiVersion)
            return $"expected apiVersion {ApiVersion}, got {Shown(review["apiVersion"])}";
        if (review["request"] is not JsonObject request)
            return "the AdmissionReview has no request";
        return PodTree.Text(request, "uid") is { Length: > 0 and <= MaxUidLength }
            ? null
            : $"the request needs a uid of 1 to {MaxUidLength} characters";
    }

    private static AdmissionRequest Read(JsonObject request)
    {
        var resource = request["resource"] as JsonObject ?? [];
        return new AdmissionRequest
        {
            Uid = PodTree.Text(request, "uid")!,
            Operation = PodTree.Text(request, "operation") ?? "",
            Group = PodTree.Text(resource, "group") ?? "",
            Resource = PodTree.Text(resource, "resource") ?? "",
            SubResource = PodTree.Text(request, "subResource") ?? "",
            Namespace = PodTree.Text(request, "namespace") ?? "",
            Object = request["object"] as JsonObject,
        };
    }

    private static string Shown(JsonNode? node) => node switch
    {
        null => "none",
        JsonValue value when value.TryGetValue<string>(out var text) => Foreign.Quote(text),
        _ => "something that is not a string",
    };
}
