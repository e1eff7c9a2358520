using Google.Protobuf;
using Grpc.Core;
using SidecarAgent.V1;

namespace SidecarAgent.Agent.Connection;

/// <summary>The calls of proto/sidecaragent/v1/broker.proto.</summary>
internal static class BrokerMethods
{
    public const string Service = "sidecaragent.v1.SecretBroker";

    public static readonly Method<WatchRequest, WatchResponse> Watch = Make<WatchRequest, WatchResponse>("Watch", WatchResponse.Parser, MethodType.ServerStreaming);
    public static readonly Method<FetchRequest, FetchResponse> Fetch = Make<FetchRequest, FetchResponse>("Fetch", FetchResponse.Parser);
    public static readonly Method<AcknowledgeRequest, AcknowledgeResponse> Acknowledge = Make<AcknowledgeRequest, AcknowledgeResponse>("Acknowledge", AcknowledgeResponse.Parser);
    public static readonly Method<RenewRequest, RenewResponse> Renew = Make<RenewRequest, RenewResponse>("Renew", RenewResponse.Parser);
    public static readonly Method<ReleaseRequest, ReleaseResponse> Release = Make<ReleaseRequest, ReleaseResponse>("Release", ReleaseResponse.Parser);

    private static Method<TRequest, TResponse> Make<TRequest, TResponse>(
        string name, MessageParser<TResponse> parser, MethodType type = MethodType.Unary)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> => ZeroedMethod.Make<TRequest, TResponse>(Service, name, parser, type);
}
