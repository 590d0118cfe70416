// One scenario for the AWS SDK for Go v2. Version 1.17, of Debian 12, does not know AWS_ENDPOINT_URL_STS.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"
)

type input struct{ Scenario, Role, Provider, Assertion, Policy, Next string }

var ctx = context.Background()

func client(session *types.Credentials) *sts.Client {
	loaded, err := config.LoadDefaultConfig(ctx)
	check(err)
	if session != nil {
		loaded.Credentials = credentials.NewStaticCredentialsProvider(
			*session.AccessKeyId, *session.SecretAccessKey, *session.SessionToken)
	}
	url := os.Getenv("AWS_ENDPOINT_URL_STS")
	return sts.NewFromConfig(loaded, func(o *sts.Options) { o.EndpointResolver = sts.EndpointResolverFromURL(url) })
}

func logIn(given input) (*sts.AssumeRoleWithSAMLOutput, error) {
	request := &sts.AssumeRoleWithSAMLInput{
		RoleArn:       aws.String(given.Role),
		PrincipalArn:  aws.String(given.Provider),
		SAMLAssertion: aws.String(given.Assertion),
	}
	if given.Policy != "" {
		request.Policy = aws.String(given.Policy)
	}
	return client(nil).AssumeRoleWithSAML(ctx, request)
}

func caught(err error) string {
	var expired *types.ExpiredTokenException
	var invalid *types.InvalidIdentityTokenException
	var malformed *types.MalformedPolicyDocumentException
	switch {
	case errors.As(err, &expired):
		return "ExpiredTokenException"
	case errors.As(err, &invalid):
		return "InvalidIdentityToken"
	case errors.As(err, &malformed):
		return "MalformedPolicyDocument"
	}
	return fmt.Sprintf("another: %v", err)
}

func identity(session *types.Credentials) map[string]string {
	answer, err := client(session).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	check(err)
	return map[string]string{"arn": *answer.Arn}
}

func run(given input) map[string]string {
	login, err := logIn(given)
	if given.Scenario == "refused" {
		return map[string]string{"caught": caught(err)}
	}
	check(err)
	switch given.Scenario {
	case "login":
		return map[string]string{"arn": *login.AssumedRoleUser.Arn, "subject": *login.Subject}
	case "chaining":
		request := &sts.AssumeRoleInput{RoleArn: aws.String(given.Next), RoleSessionName: aws.String("audit")}
		next, err := client(login.Credentials).AssumeRole(ctx, request)
		check(err)
		return identity(next.Credentials)
	}
	return identity(login.Credentials)
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	var given input
	check(json.NewDecoder(os.Stdin).Decode(&given))
	check(json.NewEncoder(os.Stdout).Encode(run(given)))
}
