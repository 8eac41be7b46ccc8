package app

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"viaduc/internal/config"
	"viaduc/internal/notice"
	"viaduc/internal/place/openinghours"
	"viaduc/internal/platform/fetch"
	"viaduc/internal/platform/mail"
	"viaduc/internal/platform/sms"
)

// localURL is the public address of a node that was told none: a trial on this machine.
const localURL = "http://127.0.0.1:8080"

// usualPrice is what a segment costs where nobody has said it: more than most contracts, so that the cap errs on the
// side of the territory.
const usualPrice sms.Millis = 50

// notices builds what tells people things. Without a mail server, messages go to a screen; texts too, unless they have a
// gateway. With a mail server and no gateway, nobody is sent a text: e-mail, then the call list.
func notices(c *Core, cfg config.Config, opts Options) (*notice.Service, error) {
	post, gateway, price, err := carriers(cfg, opts)
	if err != nil {
		return nil, err
	}
	public := cfg.PublicURL
	if public == "" {
		public = localURL
	}
	links, err := notice.NewLinks(public)
	if err != nil {
		return nil, err
	}
	s, err := notice.New(notice.Deps{
		DB: c.DB, Journal: c.Journal, Territory: c.Territory, Jobs: c.Jobs, Mail: post, SMS: gateway, Price: price, Links: links, Key: c.Signer.Derive("notice"),
		Holiday: c.holiday, Zone: c.zone, Now: opts.Now, Log: opts.Log,
	})
	if err != nil {
		return nil, err
	}
	if err := s.Register(accountEvents()...); err != nil {
		return nil, fmt.Errorf("messages: %w", err)
	}
	return s, nil
}

// carriers are the drivers that the settings ask for.
func carriers(cfg config.Config, opts Options) (mail.Sender, sms.Gateway, sms.Millis, error) {
	var post mail.Sender = &mail.Outbox{}
	var gateway sms.Gateway = &sms.Outbox{}
	price := usualPrice
	if cfg.SMTPURL != "" {
		server, err := mail.NewSMTP(mail.SMTPSettings{URL: cfg.SMTPURL, From: cfg.MailFrom, Now: opts.Now})
		if err != nil {
			return nil, nil, 0, err
		}
		post, gateway = server, nil
	}
	if cfg.SMSURL != "" {
		guarded := fetch.New(fetch.Options{Internal: []string{gatewayService(cfg.SMSURL)}}) // the operator names it: it may stand in his own network
		var err error
		if gateway, err = sms.Open(cfg.SMSURL, guarded.Transport()); err != nil {
			return nil, nil, 0, err
		}
	}
	if cfg.SMSPrice != "" {
		var err error
		if price, err = sms.ParsePrice(cfg.SMSPrice); err != nil {
			return nil, nil, 0, err
		}
	}
	return post, gateway, price, nil
}

// department is where the territory's main town is; empty before it has said so.
func (c *Core) department() string { return c.Territory.MainCommune("").Department }

// zone is the one of the territory's clocks.
func (c *Core) zone() *time.Location { return openinghours.ZoneOf(c.department()) }

// holiday reports whether the civil day of an instant is a public holiday of the territory.
func (c *Core) holiday(day time.Time) bool {
	return openinghours.FrenchHolidays(c.department()).Public(openinghours.DateOf(day))
}

// gatewayService is the host and port of the gateway of texts, as fetch names services; "" when the address is none.
func gatewayService(address string) string {
	_, address, _ = strings.Cut(address, "+")
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	u.User, u.RawQuery = nil, ""
	return fetch.HostPort(u.String())
}
