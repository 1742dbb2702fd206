CREATE TABLE loyalty_lot (
    id BIGINT NOT NULL,
    mall_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    entry_id BIGINT NOT NULL,
    receipt_id BIGINT,
    earned BIGINT NOT NULL,
    remaining BIGINT NOT NULL,
    available_on DATE NOT NULL,
    expires_on DATE NOT NULL,
    rules TEXT NOT NULL,
    CONSTRAINT pk_loyalty_lot PRIMARY KEY (id),
    CONSTRAINT ck_loyalty_lot_remaining CHECK (remaining >= 0 and remaining <= earned),
    CONSTRAINT ck_loyalty_lot_earned_bounds CHECK (abs(earned) <= 1000000000000000),
    CONSTRAINT ck_loyalty_lot_remaining_bounds CHECK (abs(remaining) <= 1000000000000000)
);

CREATE INDEX ix_loyalty_lot_due ON loyalty_lot (mall_id, expires_on) WHERE remaining > 0;

CREATE INDEX ix_loyalty_lot_expiry ON loyalty_lot (member_id, expires_on) WHERE remaining > 0;

CREATE INDEX ix_loyalty_lot_pending ON loyalty_lot (member_id, available_on) WHERE remaining > 0;

CREATE INDEX ix_loyalty_lot_receipt ON loyalty_lot (receipt_id);

CREATE TABLE loyalty_lot_use (
    id BIGINT NOT NULL,
    lot_id BIGINT NOT NULL,
    entry_id BIGINT NOT NULL,
    receipt_id BIGINT,
    points BIGINT NOT NULL,
    CONSTRAINT pk_loyalty_lot_use PRIMARY KEY (id),
    CONSTRAINT ck_loyalty_lot_use_points_bounds CHECK (abs(points) <= 1000000000000000)
);

CREATE INDEX ix_loyalty_lot_use_lot ON loyalty_lot_use (lot_id);

CREATE INDEX ix_loyalty_lot_use_receipt ON loyalty_lot_use (receipt_id);

create or replace function core_append_only() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name using errcode = '23514';
end $$;

create trigger loyalty_lot_use_append_only before update or delete or truncate on loyalty_lot_use for each statement execute function core_append_only();

CREATE TABLE loyalty_tier (
    id BIGSERIAL NOT NULL,
    mall_id BIGINT NOT NULL,
    code VARCHAR(20) NOT NULL,
    name VARCHAR(60) NOT NULL,
    rank INTEGER NOT NULL,
    CONSTRAINT pk_loyalty_tier PRIMARY KEY (id),
    CONSTRAINT uq_loyalty_tier_code UNIQUE (mall_id, code),
    CONSTRAINT fk_loyalty_tier_mall_id FOREIGN KEY(mall_id) REFERENCES core_mall (id)
);

CREATE TABLE loyalty_rule (
    id BIGSERIAL NOT NULL,
    mall_id BIGINT NOT NULL,
    code VARCHAR(30) NOT NULL,
    version INTEGER NOT NULL,
    name VARCHAR(80) NOT NULL,
    kind VARCHAR(10) NOT NULL,
    store_id BIGINT,
    tier_id BIGINT,
    points BIGINT NOT NULL,
    per_amount BIGINT NOT NULL,
    factor_percent INTEGER NOT NULL,
    starts_on DATE,
    ends_on DATE,
    is_on BOOLEAN NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_loyalty_rule PRIMARY KEY (id),
    CONSTRAINT uq_loyalty_rule_version UNIQUE (mall_id, code, version),
    CONSTRAINT ck_loyalty_rule_kind CHECK (kind in ('base', 'factor')),
    CONSTRAINT ck_loyalty_rule_figures CHECK (points >= 0 and per_amount > 0 and factor_percent >= 0),
    CONSTRAINT fk_loyalty_rule_mall_id FOREIGN KEY(mall_id) REFERENCES core_mall (id),
    CONSTRAINT fk_loyalty_rule_store_id FOREIGN KEY(store_id) REFERENCES core_store (id),
    CONSTRAINT fk_loyalty_rule_tier_id FOREIGN KEY(tier_id) REFERENCES loyalty_tier (id),
    CONSTRAINT ck_loyalty_rule_points_bounds CHECK (abs(points) <= 1000000000000000),
    CONSTRAINT ck_loyalty_rule_per_amount_bounds CHECK (abs(per_amount) <= 1000000000000000)
);

CREATE TABLE loyalty_member (
    member_id BIGINT NOT NULL,
    mall_id BIGINT NOT NULL,
    tier_id BIGINT NOT NULL,
    since DATE NOT NULL,
    CONSTRAINT pk_loyalty_member PRIMARY KEY (member_id),
    CONSTRAINT fk_loyalty_member_member_id FOREIGN KEY(member_id) REFERENCES core_member (id),
    CONSTRAINT fk_loyalty_member_mall_id FOREIGN KEY(mall_id) REFERENCES core_mall (id),
    CONSTRAINT fk_loyalty_member_tier_id FOREIGN KEY(tier_id) REFERENCES loyalty_tier (id)
);
